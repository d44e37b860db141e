#ifndef KITH_CSQLite_SHIM_H
#define KITH_CSQLite_SHIM_H

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast to a function pointer: Swift cannot import it. */
static inline sqlite3_destructor_type kith_sqlite3_transient(void) {
    return SQLITE_TRANSIENT;
}

/* Variadic in C: this form switches one option of a connection on or off. */
static inline int kith_sqlite3_switch(sqlite3 *connection, int option, int on) {
    return sqlite3_db_config(connection, option, on, (int *)0);
}

#endif
