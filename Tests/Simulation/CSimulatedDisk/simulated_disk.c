/* For memmem. */
#define _GNU_SOURCE
#include "simulated_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* What one file may lose at once, and the part of it that a disk writes whole. */
enum { BLOCK = 4096, SECTOR = 512, LARGEST_REGION_COUNT = 16 };

/* A block as it was at the last sync; `count` is less than a block at the end of the file, 0 behind it. */
typedef struct {
    size_t number, count;
    unsigned char *bytes;
} kept_block;

typedef struct {
    int exists;
    unsigned char *bytes;
    size_t count, capacity;
    /* What a loss of power may bring back. */
    size_t synced_count;
    kept_block *kept;
    size_t kept_count, kept_capacity;
    /* For each block the generation in which it was kept. */
    uint32_t *generations;
    size_t generation_count;
    uint32_t generation;
} memory_file;

struct simulated_disk {
    sqlite3_vfs vfs;
    char name[32];
    memory_file files[SIMULATED_FILE_COUNT];
    void *regions[LARGEST_REGION_COUNT];
    int region_size;
    simulated_fault fault;
    int64_t calls_left;
    int has_struck, is_stopped, is_full;
    int open_count;
};

typedef struct {
    sqlite3_file base;
    simulated_disk *disk;
    memory_file *file;
} open_file;

/* MARK: Memory */

static int reserve(memory_file *file, size_t count) {
    if (count <= file->capacity) return SQLITE_OK;
    size_t capacity = count + count / 2 + 16 * BLOCK;
    unsigned char *bytes = realloc(file->bytes, capacity);
    if (!bytes) return SQLITE_IOERR_NOMEM;
    file->bytes = bytes;
    file->capacity = capacity;
    size_t blocks = capacity / BLOCK + 1;
    uint32_t *generations = realloc(file->generations, blocks * sizeof *generations);
    if (!generations) return SQLITE_IOERR_NOMEM;
    memset(generations + file->generation_count, 0, (blocks - file->generation_count) * sizeof *generations);
    file->generations = generations;
    file->generation_count = blocks;
    return SQLITE_OK;
}

/* Forgets what a loss of power could bring back: all of the file is on the disk. */
static void settle(memory_file *file) {
    for (size_t index = 0; index < file->kept_count; index++) free(file->kept[index].bytes);
    file->kept_count = 0;
    file->synced_count = file->count;
    file->generation++;
}

/* Keeps the blocks of a range as they were at the last sync, each once. */
static int keep(memory_file *file, size_t first, size_t end) {
    for (size_t number = first / BLOCK; number * BLOCK < end; number++) {
        if (number < file->generation_count && file->generations[number] == file->generation) continue;
        if (file->kept_count == file->kept_capacity) {
            size_t capacity = file->kept_capacity * 2 + 16;
            kept_block *kept = realloc(file->kept, capacity * sizeof *kept);
            if (!kept) return SQLITE_IOERR_NOMEM;
            file->kept = kept;
            file->kept_capacity = capacity;
        }
        size_t start = number * BLOCK;
        size_t count = start >= file->synced_count ? 0 : file->synced_count - start;
        if (count > BLOCK) count = BLOCK;
        unsigned char *bytes = NULL;
        if (count) {
            bytes = malloc(count);
            if (!bytes) return SQLITE_IOERR_NOMEM;
            memcpy(bytes, file->bytes + start, count);
        }
        file->kept[file->kept_count++] = (kept_block){number, count, bytes};
        if (number < file->generation_count) file->generations[number] = file->generation;
    }
    return SQLITE_OK;
}

static void replace(memory_file *file, const void *bytes, size_t count, int exists) {
    file->exists = exists;
    file->count = 0;
    if (count && reserve(file, count) == SQLITE_OK) {
        memcpy(file->bytes, bytes, count);
        file->count = count;
    }
    settle(file);
}

static void forget_regions(simulated_disk *disk) {
    for (int index = 0; index < LARGEST_REGION_COUNT; index++) {
        if (disk->regions[index]) memset(disk->regions[index], 0, (size_t)disk->region_size);
    }
}

/* MARK: Faults */

/* Counts a call that changes the disk; what it must fail with, or SQLITE_OK. */
static int count_call(simulated_disk *disk, int grows, int failure) {
    if (disk->is_stopped) return failure;
    if (disk->is_full && grows) return SQLITE_FULL;
    if (disk->fault == SIMULATED_NOTHING || disk->has_struck || disk->calls_left-- > 0) return SQLITE_OK;
    disk->has_struck = 1;
    if (disk->fault == SIMULATED_STOP) disk->is_stopped = 1;
    if (disk->fault == SIMULATED_FULL) {
        disk->is_full = 1;
        return grows ? SQLITE_FULL : SQLITE_OK;
    }
    return failure;
}

static uint64_t roll(uint64_t *dice) {
    /* SplitMix64 (Steele, Lea, Flood 2014). */
    uint64_t bits = (*dice += 0x9E3779B97F4A7C15ull);
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9ull;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBull;
    return bits ^ bits >> 31;
}

/* Brings back a block as it was, all of it or all behind the sectors that reached the disk. */
static void lose(memory_file *file, const kept_block *block, size_t sectors) {
    size_t start = block->number * BLOCK + sectors * SECTOR, end = (block->number + 1) * BLOCK;
    if (end > file->count) end = file->count;
    for (size_t place = start; place < end; place++) {
        size_t offset = place - block->number * BLOCK;
        file->bytes[place] = offset < block->count ? block->bytes[offset] : 0;
    }
}

static void lose_power(memory_file *file, uint64_t *dice) {
    if (!file->exists) return;
    /* A shorter file may have kept its old length, a longer one may have lost what was added. */
    if (file->count != file->synced_count && roll(dice) % 2 == 0) {
        if (reserve(file, file->synced_count) == SQLITE_OK) {
            if (file->synced_count > file->count) {
                memset(file->bytes + file->count, 0, file->synced_count - file->count);
            }
            file->count = file->synced_count;
            /* What was cut off comes back with the length. */
            for (size_t index = 0; index < file->kept_count; index++) lose(file, &file->kept[index], 0);
        }
    }
    uint64_t mood = roll(dice) % 4;
    for (size_t index = 0; index < file->kept_count; index++) {
        uint64_t chance = mood == 0 ? 0 : mood == 1 ? 1 : roll(dice) % 3;
        if (chance == 1) lose(file, &file->kept[index], 0);
        if (chance == 2) lose(file, &file->kept[index], roll(dice) % (BLOCK / SECTOR));
    }
    settle(file);
}

/* MARK: Open files */

static int file_close(sqlite3_file *opened) {
    ((open_file *)opened)->disk->open_count--;
    opened->pMethods = NULL;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *opened, void *target, int count, sqlite3_int64 offset) {
    open_file *self = (open_file *)opened;
    if (self->disk->is_stopped) return SQLITE_IOERR_READ;
    size_t start = (size_t)offset, wanted = (size_t)count;
    size_t there = start >= self->file->count ? 0 : self->file->count - start;
    if (there > wanted) there = wanted;
    if (there) memcpy(target, self->file->bytes + start, there);
    if (there == wanted) return SQLITE_OK;
    memset((char *)target + there, 0, wanted - there);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *opened, const void *source, int count, sqlite3_int64 offset) {
    open_file *self = (open_file *)opened;
    memory_file *file = self->file;
    size_t start = (size_t)offset, end = start + (size_t)count;
    int code = count_call(self->disk, end > file->count, SQLITE_IOERR_WRITE);
    if (code != SQLITE_OK) return code;
    if ((code = reserve(file, end)) != SQLITE_OK) return code;
    if ((code = keep(file, start, end)) != SQLITE_OK) return code;
    if (start > file->count) memset(file->bytes + file->count, 0, start - file->count);
    memcpy(file->bytes + start, source, (size_t)count);
    if (end > file->count) file->count = end;
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *opened, sqlite3_int64 size) {
    open_file *self = (open_file *)opened;
    int code = count_call(self->disk, 0, SQLITE_IOERR_TRUNCATE);
    if (code != SQLITE_OK) return code;
    size_t count = (size_t)size;
    if (count >= self->file->count) return SQLITE_OK;
    if ((code = keep(self->file, count, self->file->count)) != SQLITE_OK) return code;
    self->file->count = count;
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *opened, int flags) {
    (void)flags;
    open_file *self = (open_file *)opened;
    int code = count_call(self->disk, 0, SQLITE_IOERR_FSYNC);
    if (code == SQLITE_OK) settle(self->file);
    return code;
}

static int file_size(sqlite3_file *opened, sqlite3_int64 *size) {
    *size = (sqlite3_int64)((open_file *)opened)->file->count;
    return SQLITE_OK;
}

/* One connection uses a disk, so nobody ever waits for a lock. */
static int file_lock(sqlite3_file *opened, int kind) { (void)opened, (void)kind; return SQLITE_OK; }

static int file_check_lock(sqlite3_file *opened, int *is_locked) {
    (void)opened;
    *is_locked = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *opened, int operation, void *argument) {
    (void)opened, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *opened) { (void)opened; return SECTOR; }

/* As on the disks that SQLite's own file layer assumes: a write never harms the bytes beside it. */
static int file_traits(sqlite3_file *opened) { (void)opened; return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

static int file_map_shared(sqlite3_file *opened, int region, int size, int extend, void volatile **memory) {
    simulated_disk *disk = ((open_file *)opened)->disk;
    *memory = NULL;
    if (region >= LARGEST_REGION_COUNT) return SQLITE_IOERR_SHMSIZE;
    if (!disk->regions[region] && extend) {
        disk->regions[region] = calloc(1, (size_t)size);
        disk->region_size = size;
        if (!disk->regions[region]) return SQLITE_IOERR_NOMEM;
    }
    *memory = disk->regions[region];
    return SQLITE_OK;
}

static int file_lock_shared(sqlite3_file *opened, int first, int count, int flags) {
    (void)opened, (void)first, (void)count, (void)flags;
    return SQLITE_OK;
}

static void file_barrier(sqlite3_file *opened) { (void)opened; }

static int file_unmap_shared(sqlite3_file *opened, int deletes) {
    (void)deletes;
    forget_regions(((open_file *)opened)->disk);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_map_shared,
    .xShmLock = file_lock_shared,
    .xShmBarrier = file_barrier,
    .xShmUnmap = file_unmap_shared,
};

/* MARK: The disk */

static simulated_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

static int ends_with(const char *text, const char *end) {
    size_t count = strlen(text), wanted = strlen(end);
    return count >= wanted && strcmp(text + count - wanted, end) == 0;
}

static memory_file *file_named(simulated_disk *disk, const char *path) {
    if (ends_with(path, "-wal")) return &disk->files[SIMULATED_LOG];
    if (ends_with(path, "-journal")) return &disk->files[SIMULATED_JOURNAL];
    return &disk->files[SIMULATED_MAIN];
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *opened, int flags, int *given) {
    open_file *self = (open_file *)opened;
    self->base.pMethods = NULL;
    /* Files without a name would be temporary ones, which stay in memory. */
    if (!path) return SQLITE_CANTOPEN;
    self->disk = disk_of(vfs);
    self->file = file_named(self->disk, path);
    if (!self->file->exists && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    self->file->exists = 1;
    self->disk->open_count++;
    self->base.pMethods = &methods;
    if (given) *given = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)syncs;
    replace(file_named(disk_of(vfs), path), NULL, 0, 0);
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)flags;
    *result = file_named(disk_of(vfs), path)->exists;
    return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *path, int count, char *full) {
    (void)vfs;
    sqlite3_snprintf(count, full, "%s", path);
    return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    (void)vfs;
    memset(bytes, 0, (size_t)count);
    return count;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) { (void)vfs; return microseconds; }

static int disk_time(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    (void)vfs;
    *milliseconds = 0;
    return SQLITE_OK;
}

static int disk_error(sqlite3_vfs *vfs, int count, char *text) { (void)vfs, (void)count, (void)text; return 0; }

simulated_disk *simulated_disk_create(const char *name) {
    simulated_disk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    sqlite3_snprintf((int)sizeof disk->name, disk->name, "%s", name);
    for (int index = 0; index < SIMULATED_FILE_COUNT; index++) disk->files[index].generation = 1;
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(open_file),
        .mxPathname = 64,
        .zName = disk->name,
        .pAppData = disk,
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_full_path,
        .xRandomness = disk_randomness,
        .xSleep = disk_sleep,
        .xGetLastError = disk_error,
        .xCurrentTimeInt64 = disk_time,
    };
    if (sqlite3_vfs_register(&disk->vfs, 0) == SQLITE_OK) return disk;
    free(disk);
    return NULL;
}

void simulated_disk_destroy(simulated_disk *disk) {
    if (!disk) return;
    sqlite3_vfs_unregister(&disk->vfs);
    for (int index = 0; index < SIMULATED_FILE_COUNT; index++) {
        settle(&disk->files[index]);
        free(disk->files[index].kept);
        free(disk->files[index].bytes);
        free(disk->files[index].generations);
    }
    for (int index = 0; index < LARGEST_REGION_COUNT; index++) free(disk->regions[index]);
    free(disk);
}

void simulated_disk_load(simulated_disk *disk, const void *bytes, size_t count) {
    replace(&disk->files[SIMULATED_MAIN], bytes, count, count > 0);
    replace(&disk->files[SIMULATED_LOG], NULL, 0, 0);
    replace(&disk->files[SIMULATED_JOURNAL], NULL, 0, 0);
    forget_regions(disk);
    simulated_disk_disarm(disk);
    disk->is_stopped = 0;
}

void simulated_disk_copy(simulated_disk *disk, const simulated_disk *source) {
    for (int index = 0; index < SIMULATED_FILE_COUNT; index++) {
        const memory_file *file = &source->files[index];
        replace(&disk->files[index], file->bytes, file->count, file->exists);
    }
    forget_regions(disk);
}

const unsigned char *simulated_disk_bytes(const simulated_disk *disk, simulated_file file, size_t *count) {
    *count = disk->files[file].count;
    return disk->files[file].bytes;
}

ptrdiff_t simulated_disk_find(
    const simulated_disk *disk, simulated_file file, size_t offset, const void *pattern, size_t count) {
    const memory_file *searched = &disk->files[file];
    if (offset >= searched->count) return -1;
    const unsigned char *found = memmem(searched->bytes + offset, searched->count - offset, pattern, count);
    return found ? found - searched->bytes : -1;
}

void simulated_disk_arm(simulated_disk *disk, simulated_fault fault, int64_t calls) {
    /* A machine that has stopped meets nothing new. */
    if (disk->is_stopped) return;
    disk->fault = fault;
    disk->calls_left = calls;
    disk->has_struck = disk->is_full = 0;
}

int simulated_disk_disarm(simulated_disk *disk) {
    int has_struck = disk->has_struck;
    disk->fault = SIMULATED_NOTHING;
    disk->has_struck = disk->is_full = 0;
    return has_struck;
}

void simulated_disk_lose_power(simulated_disk *disk, uint64_t dice) {
    for (int index = 0; index < SIMULATED_FILE_COUNT; index++) lose_power(&disk->files[index], &dice);
    forget_regions(disk);
    simulated_disk_disarm(disk);
    disk->is_stopped = 0;
}

int simulated_disk_is_in_use(const simulated_disk *disk) { return disk->open_count > 0; }
