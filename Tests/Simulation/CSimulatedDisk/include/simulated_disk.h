#ifndef KITH_SIMULATED_DISK_H
#define KITH_SIMULATED_DISK_H

#include <stddef.h>
#include <stdint.h>

/*
 * A disk in memory for one SQLite connection, as a file layer (VFS, https://sqlite.org/vfs.html) that SQLite knows by
 * name. It can be full, fail, and lose its power: then what was written since the last sync of a file is kept, lost or
 * torn, block by block. One thread at a time uses a disk.
 */
typedef struct simulated_disk simulated_disk;

/* The files of a database. */
typedef enum { SIMULATED_MAIN = 0, SIMULATED_LOG = 1, SIMULATED_JOURNAL = 2, SIMULATED_FILE_COUNT = 3 } simulated_file;

/* What happens when the count of writes, truncations and syncs runs out. */
typedef enum {
    SIMULATED_NOTHING = 0,
    /* Writes that make a file larger fail until the disk is told otherwise. */
    SIMULATED_FULL = 1,
    /* One call fails. */
    SIMULATED_ERROR = 2,
    /* Every call fails until the power is back. */
    SIMULATED_STOP = 3
} simulated_fault;

/* Registers a disk under a name that no other disk has; NULL where memory is short. */
simulated_disk *simulated_disk_create(const char *name);
/* Takes the disk out of SQLite's list; no connection may use it any more. */
void simulated_disk_destroy(simulated_disk *disk);

/* Replaces all files by a main file with these bytes, safe from a loss of power. */
void simulated_disk_load(simulated_disk *disk, const void *bytes, size_t count);
/* Replaces all files by those of another disk, as a plain copy of its folder does. */
void simulated_disk_copy(simulated_disk *disk, const simulated_disk *source);
/* Whether a connection has files open. */
int simulated_disk_is_in_use(const simulated_disk *disk);
/* The bytes of a file, and in `count` how many; valid until the next call. */
const unsigned char *simulated_disk_bytes(const simulated_disk *disk, simulated_file file, size_t *count);

/* Where a pattern stands in a file at or behind an offset; -1 where it does not. */
ptrdiff_t simulated_disk_find(
    const simulated_disk *disk, simulated_file file, size_t offset, const void *pattern, size_t count);

/* Lets the given number of writes, truncations and syncs pass; the next one meets the fault. */
void simulated_disk_arm(simulated_disk *disk, simulated_fault fault, int64_t calls);
/* Ends the fault; true where it has struck since it was armed. */
int simulated_disk_disarm(simulated_disk *disk);
/* Turns the power off and on: what was not synced is kept, lost or torn, as the bits of `dice` say. */
void simulated_disk_lose_power(simulated_disk *disk, uint64_t dice);

#endif
