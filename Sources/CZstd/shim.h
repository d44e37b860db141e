#ifndef KITH_CZstd_SHIM_H
#define KITH_CZstd_SHIM_H

#include <zstd.h>

#endif
