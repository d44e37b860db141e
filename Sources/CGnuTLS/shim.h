#ifndef KITH_CGnuTLS_SHIM_H
#define KITH_CGnuTLS_SHIM_H

#include <gnutls/gnutls.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

// GNUTLS_CURVE_TO_BITS is a macro with an argument, which Swift does not see.
static inline unsigned int kith_gnutls_p256_bits(void) {
    return GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
}

// gnutls_free is a global variable that holds a function, which Swift 6 takes for shared mutable state.
static inline void kith_gnutls_free(void *memory) {
    gnutls_free(memory);
}

#endif
