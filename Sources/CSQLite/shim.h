#ifndef KITH_CSQLite_SHIM_H
#define KITH_CSQLite_SHIM_H

#include <sqlite3.h>

#endif
