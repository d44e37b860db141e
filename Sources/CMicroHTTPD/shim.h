#ifndef KITH_CMicroHTTPD_SHIM_H
#define KITH_CMicroHTTPD_SHIM_H

#include <microhttpd.h>

#endif
