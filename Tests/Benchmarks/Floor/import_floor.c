/* The least that an import of visits costs: reads a CSV file and inserts its rows into the tables of a laptop or of a
 * server, in one transaction, with the same columns, indexes, pragmas and durability as Kith. It checks nothing but
 * repeated ids, keeps no group, no history and nothing to take back.
 *
 * import_floor DATABASE FILE.csv
 *
 * The columns of the file that it knows: SweepID, SweepDate, SweepLocation, SweepType; the rest goes to `extra`. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 64, ROW_BYTES = 1 << 20, READ_BYTES = 1 << 16, LEAST_ROW_BYTES = 16 };
enum { ID = 1, AREA, TIME, DEVICE, PLACE, STARTED, KIND, KIND_OTHER, EXTERNAL_ID, EXTRA };

static sqlite3 *database;

static void check(int code, const char *what) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL), sql); }

/* Two rounds of FNV-1a: ids in no order, as those of imported records are. */
static void hash(const char *bytes, size_t count, uint64_t seed, uint64_t out[2]) {
    for (int half = 0; half < 2; half++) {
        uint64_t value = 0xcbf29ce484222325u ^ (seed + (uint64_t)half * 0x9e3779b97f4a7c15u);
        for (size_t i = 0; i < count; i++) value = (value ^ (uint8_t)bytes[i]) * 0x100000001b3u;
        out[half] = value ^ value >> 29;
    }
}

/* Sets of hashes, which ids and which places there were, with room for the rows of the file. */
static uint64_t *seen_ids, *seen_places, slots = 1024;

static int is_new(uint64_t *set, uint64_t key) {
    uint64_t slot = key & (slots - 1);
    if (key == 0) key = 1;
    while (set[slot] != 0) {
        if (set[slot] == key) return 0;
        slot = (slot + 1) & (slots - 1);
    }
    set[slot] = key;
    return 1;
}

/* One row: its cells one behind the other, each ended by a zero. */
static char row[ROW_BYTES];
static size_t starts[MAX_COLUMNS], lengths[MAX_COLUMNS];
static FILE *file;
static char buffer[READ_BYTES];
static size_t buffered, position;

static int next_byte(void) {
    if (position == buffered) {
        buffered = fread(buffer, 1, READ_BYTES, file);
        position = 0;
        if (buffered == 0) return EOF;
    }
    return (unsigned char)buffer[position++];
}

/* RFC 4180; returns the number of cells, 0 at the end. */
static int read_row(void) {
    int count = 0, quoted = 0, byte = next_byte();
    size_t end = 0;
    if (byte == EOF) return 0;
    starts[0] = 0;
    for (;; byte = next_byte()) {
        if (quoted && byte == '"') {
            byte = next_byte();
            if (byte == '"') { row[end++] = '"'; continue; }
            quoted = 0;
        }
        if (byte == EOF || (!quoted && (byte == ',' || byte == '\n'))) {
            lengths[count] = end - starts[count];
            if (byte != ',' && lengths[count] > 0 && row[end - 1] == '\r') lengths[count]--;
            row[end++] = 0;
            count++;
            if (byte != ',' || count == MAX_COLUMNS) return count;
            starts[count] = end;
        } else if (!quoted && byte == '"' && end == starts[count]) {
            quoted = 1;
        } else {
            row[end++] = (char)byte;
        }
        if (end + 2 >= ROW_BYTES) { fprintf(stderr, "a row is too long\n"); exit(1); }
    }
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement = NULL;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static void bind_head(sqlite3_stmt *statement, const uint64_t id[2], int area) {
    sqlite3_bind_blob(statement, ID, id, 16, SQLITE_STATIC);
    sqlite3_bind_int(statement, AREA, area);
    sqlite3_bind_int64(statement, TIME, (sqlite3_int64)1767258000000 << 16);
    sqlite3_bind_int(statement, DEVICE, 2);
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text, size_t count) {
    if (count == 0) sqlite3_bind_null(statement, index);
    else sqlite3_bind_text(statement, index, text, (int)count, SQLITE_STATIC);
}

static void step(sqlite3_stmt *statement) {
    check(sqlite3_step(statement), "insert");
    check(sqlite3_reset(statement), "insert");
}

/* The place's id is a hash of its name without capitals, spaces and signs; a new one is added. */
static void find_place(sqlite3_stmt *insert, const char *name, size_t count, uint64_t id[2]) {
    char key[1024];
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof key; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (byte >= 'A' && byte <= 'Z') byte += 'a' - 'A';
        if (byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) key[used++] = (char)byte;
    }
    hash(key, used, 1, id);
    if (!is_new(seen_places, id[0])) return;
    bind_head(insert, id, 1);
    bind_text(insert, PLACE, name, count);
    step(insert);
}

int main(int argc, char **argv) {
    if (argc != 3 || !(file = fopen(argv[2], "rb"))) { fprintf(stderr, "import_floor DATABASE FILE.csv\n"); return 2; }
    check(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), argv[1]);
    sqlite3_wal_autocheckpoint(database, 0);
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
    run("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;"
        "PRAGMA cache_spill = OFF; BEGIN IMMEDIATE");
    sqlite3_stmt *place = prepare("INSERT INTO place (id, area, created_time, created_device, living, name)"
                                  " VALUES (?1, ?2, ?3, ?4, 1, ?5)");
    sqlite3_stmt *visit = prepare("INSERT INTO visit (id, area, created_time, created_device, living, place, started,"
                                  " kind, kind_other, external_id, extra)"
                                  " VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)");
    fseek(file, 0, SEEK_END);
    while (slots * LEAST_ROW_BYTES < (uint64_t)ftell(file)) slots *= 2;
    rewind(file);
    seen_ids = calloc(slots, sizeof *seen_ids);
    seen_places = calloc(slots, sizeof *seen_places);
    static char header[ROW_BYTES], extra[2 * ROW_BYTES];
    size_t names[MAX_COLUMNS], name_lengths[MAX_COLUMNS];
    int columns = read_row(), target[MAX_COLUMNS];
    memcpy(header, row, sizeof header);
    for (int i = 0; i < columns; i++) {
        const char *name = header + (names[i] = starts[i]);
        name_lengths[i] = lengths[i];
        target[i] = !strcmp(name, "SweepID") ? EXTERNAL_ID
            : !strcmp(name, "SweepDate") ? STARTED
            : !strcmp(name, "SweepLocation") ? PLACE
            : !strcmp(name, "SweepType") ? KIND_OTHER : EXTRA;
    }
    for (int count; (count = read_row()) > 0;) {
        uint64_t id[2], place_id[2];
        size_t used = 0;
        int is_repeated = 0;
        for (int i = 0; i < count && i < columns; i++) {
            const char *cell = row + starts[i];
            if (target[i] == EXTRA && lengths[i] > 0) {
                if (used > 0) extra[used++] = '\n';
                memcpy(extra + used, header + names[i], name_lengths[i]);
                used += name_lengths[i];
                extra[used++] = ':';
                extra[used++] = ' ';
                memcpy(extra + used, cell, lengths[i]);
                used += lengths[i];
            } else if (target[i] == EXTERNAL_ID) {
                hash(cell, lengths[i], 2, id);
                is_repeated = !is_new(seen_ids, id[0]);
            } else if (target[i] == PLACE) {
                find_place(place, cell, lengths[i], place_id);
            }
            if (target[i] >= STARTED && target[i] <= EXTERNAL_ID) bind_text(visit, target[i], cell, lengths[i]);
        }
        if (is_repeated) continue;
        bind_head(visit, id, 2);
        sqlite3_bind_blob(visit, PLACE, place_id, 16, SQLITE_STATIC);
        sqlite3_bind_text(visit, KIND, "other", 5, SQLITE_STATIC);
        bind_text(visit, EXTRA, extra, used);
        step(visit);
    }
    run("COMMIT");
    sqlite3_finalize(place);
    sqlite3_finalize(visit);
    check(sqlite3_close(database), "close");
    return 0;
}
