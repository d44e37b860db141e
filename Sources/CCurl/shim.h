#ifndef KITH_CCurl_SHIM_H
#define KITH_CCurl_SHIM_H

#include <curl/curl.h>

// The library is loaded at the first fetch, so every function comes as a pointer from dlsym. curl_easy_setopt and
// curl_easy_getinfo are variadic, which Swift cannot call: one shim for each type of the last argument.

typedef CURLcode (*kith_curl_setopt_function)(CURL *, CURLoption, ...);
typedef CURLcode (*kith_curl_getinfo_function)(CURL *, CURLINFO, ...);
typedef size_t (*kith_curl_receive_function)(char *, size_t, size_t, void *);
typedef int (*kith_curl_progress_function)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

static inline CURLcode kith_curl_setopt_long(void *function, CURL *handle, CURLoption option, long value) {
    return ((kith_curl_setopt_function)function)(handle, option, value);
}

static inline CURLcode kith_curl_setopt_large(void *function, CURL *handle, CURLoption option, long long value) {
    return ((kith_curl_setopt_function)function)(handle, option, (curl_off_t)value);
}

static inline CURLcode kith_curl_setopt_pointer(void *function, CURL *handle, CURLoption option, const void *value) {
    return ((kith_curl_setopt_function)function)(handle, option, value);
}

static inline CURLcode kith_curl_setopt_receive(
    void *function, CURL *handle, CURLoption option, kith_curl_receive_function value) {
    return ((kith_curl_setopt_function)function)(handle, option, value);
}

static inline CURLcode kith_curl_setopt_progress(
    void *function, CURL *handle, CURLoption option, kith_curl_progress_function value) {
    return ((kith_curl_setopt_function)function)(handle, option, value);
}

static inline CURLcode kith_curl_getinfo_long(void *function, CURL *handle, CURLINFO info, long *value) {
    return ((kith_curl_getinfo_function)function)(handle, info, value);
}

static inline CURLcode kith_curl_getinfo_large(void *function, CURL *handle, CURLINFO info, long long *value) {
    curl_off_t number = 0;
    CURLcode code = ((kith_curl_getinfo_function)function)(handle, info, &number);
    *value = (long long)number;
    return code;
}

// CURLOPT_PROTOCOLS and not its successor, which libcurl before 7.85 does not know; a macro CURLPROTO_HTTPS.
static inline CURLcode kith_curl_allow_https_alone(void *function, CURL *handle) {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    return ((kith_curl_setopt_function)function)(handle, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#pragma clang diagnostic pop
}

// CURL_GLOBAL_DEFAULT is a macro made of others.
static inline long kith_curl_global_default(void) {
    return CURL_GLOBAL_DEFAULT;
}

#endif
