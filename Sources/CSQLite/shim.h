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

/* Variadic in C: SQLite keeps no count of the memory that it uses, which takes a lock at each allocation. */
static inline int kith_sqlite3_without_memory_count(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
