#ifndef KITH_CGnuTLS_SHIM_H
#define KITH_CGnuTLS_SHIM_H

#include <gnutls/gnutls.h>

#endif
