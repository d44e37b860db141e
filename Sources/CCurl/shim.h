#ifndef KITH_CCurl_SHIM_H
#define KITH_CCurl_SHIM_H

#include <curl/curl.h>

#endif
