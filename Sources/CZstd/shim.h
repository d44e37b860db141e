#ifndef KITH_CZstd_SHIM_H
#define KITH_CZstd_SHIM_H

#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Macros with casts: Swift cannot import them. */
static inline unsigned long long kith_zstd_content_size_unknown(void) {
    return ZSTD_CONTENTSIZE_UNKNOWN;
}

static inline unsigned long long kith_zstd_content_size_error(void) {
    return ZSTD_CONTENTSIZE_ERROR;
}

#endif
