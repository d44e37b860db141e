#ifndef KITH_CSodium_SHIM_H
#define KITH_CSodium_SHIM_H

#include <sodium.h>

#endif
