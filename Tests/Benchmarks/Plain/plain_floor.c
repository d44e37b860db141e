/* The plain floors: what SQLite alone takes, in C with prepared statements, for the same rows in the same table, with the
 * same indexes, pragmas and durability as Kith. The work alone is timed; the seconds are printed.
 *
 * plain_floor copy FROM TO PER LIMIT       reads LIMIT visits and inserts them into a new file, PER in a transaction
 * plain_floor insert FROM TO PER LIMIT     the same, but the rows are in memory before the clock starts
 * plain_floor update COUNT ROUND DB…       updates the summary of COUNT visits, in one transaction in each file
 * plain_floor commits COUNT DB             COUNT transactions, each of which updates the summary of one visit
 * plain_floor merge TRANSACTIONS COUNT FIELDS ROUND ORDER DB
 *                                          COUNT visits in each transaction: SELECT the row, UPDATE it, INSERT the old
 *                                          values; ORDER is spread (evenly over the table) or random. One more comes first
 *                                          that is not timed: a server's writer has been at work before
 *
 * PER 0 is one transaction for all. ROUND makes other values, and for merge other visits. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_COLUMNS = 64, TEXT_BYTES = 160, ID_BYTES = 16, PROBES = 16, LOG_PAGES = 1000 };

static void check(sqlite3 *database, int code, const char *what) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

static void run(sqlite3 *database, const char *sql) { check(database, sqlite3_exec(database, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement = NULL;
    check(database, sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static void step(sqlite3 *database, sqlite3_stmt *statement) {
    check(database, sqlite3_step(statement), sqlite3_sql(statement));
    check(database, sqlite3_reset(statement), sqlite3_sql(statement));
}

/* Everything that a connection of Kith sets. */
static sqlite3 *open_file(const char *path, int creates) {
    sqlite3 *database = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (creates ? SQLITE_OPEN_CREATE : 0);
    check(database, sqlite3_open_v2(path, &database, flags, NULL), path);
    sqlite3_wal_autocheckpoint(database, 0);
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
    run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                  "PRAGMA mmap_size = 0; PRAGMA secure_delete = ON; PRAGMA cache_spill = OFF");
    return database;
}

/* After the clock has stopped: the next run begins with an empty log. */
static void close_file(sqlite3 *database) {
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(database, NULL))) sqlite3_finalize(statement);
    check(database, sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), "checkpoint");
    check(database, sqlite3_close(database), "close");
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Makes the table of visits with its indexes as the other file has it; returns the statement that inserts a row. */
static sqlite3_stmt *create_like(sqlite3 *from, sqlite3 *to, int *columns) {
    sqlite3_stmt *schema = prepare(from, "SELECT sql FROM sqlite_schema WHERE tbl_name = 'visit' AND sql NOT NULL"
                                         " AND type IN ('table', 'index') ORDER BY type DESC");
    while (sqlite3_step(schema) == SQLITE_ROW) run(to, (const char *)sqlite3_column_text(schema, 0));
    sqlite3_stmt *row = prepare(from, "SELECT * FROM visit LIMIT 0");
    *columns = sqlite3_column_count(row);
    char sql[256] = "INSERT INTO visit VALUES (?";
    if (*columns > MOST_COLUMNS) { fprintf(stderr, "the table has too many columns\n"); exit(1); }
    for (int i = 1; i < *columns; i++) strcat(sql, ",?");
    strcat(sql, ")");
    return prepare(to, sql);
}

static double copy(sqlite3 *from, sqlite3 *to, int per, int limit, int reads_first) {
    int columns = 0, count = 0, open = 0;
    sqlite3_stmt *insert = create_like(from, to, &columns);
    sqlite3_stmt *rows = prepare(from, "SELECT * FROM visit ORDER BY record_key LIMIT ?1");
    sqlite3_bind_int(rows, 1, limit);
    sqlite3_value **memory = reads_first ? malloc((size_t)limit * (size_t)columns * sizeof *memory) : NULL;
    if (memory) {
        for (; count < limit && sqlite3_step(rows) == SQLITE_ROW; count++)
            for (int i = 0; i < columns; i++)
                memory[count * columns + i] = sqlite3_value_dup(sqlite3_column_value(rows, i));
        limit = count;
        count = 0;
    }
    double start = now();
    for (; count < limit && (memory || sqlite3_step(rows) == SQLITE_ROW); count++) {
        if (!open) run(to, "BEGIN IMMEDIATE");
        open = 1;
        for (int i = 0; i < columns; i++)
            sqlite3_bind_value(insert, i + 1, memory ? memory[count * columns + i] : sqlite3_column_value(rows, i));
        step(to, insert);
        if (per > 0 && (count + 1) % per == 0) {
            run(to, "COMMIT");
            open = 0;
        }
    }
    if (open) run(to, "COMMIT");
    return now() - start;
}

/* The ids of COUNT visits, evenly spread over the table from the one after FIRST on, or in an order that looks random. */
static unsigned char *read_ids(sqlite3 *database, int count, int first, uint64_t mix) {
    sqlite3_stmt *last = prepare(database, "SELECT max(record_key) FROM visit");
    check(database, sqlite3_step(last), "max");
    int64_t most = sqlite3_column_int64(last, 0), stride = most / count > 0 ? most / count : 1;
    sqlite3_stmt *row = prepare(database, "SELECT id FROM visit WHERE record_key = ?1");
    unsigned char *ids = malloc((size_t)count * ID_BYTES);
    for (int i = 0; i < count; i++) {
        for (int probe = 0;; probe++) {
            uint64_t number = ((uint64_t)i + (uint64_t)probe + mix * 7919) * 0x9e3779b97f4a7c15u;
            int64_t key = mix ? (int64_t)(number % (uint64_t)most) + 1 : (int64_t)i * stride + 1 + first + probe;
            sqlite3_bind_int64(row, 1, key);
            if (sqlite3_step(row) == SQLITE_ROW) break;
            if (probe == PROBES) { fprintf(stderr, "there are not enough visits\n"); exit(1); }
            sqlite3_reset(row);
        }
        memcpy(ids + i * ID_BYTES, sqlite3_column_blob(row, 0), ID_BYTES);
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(last);
    return ids;
}

static void make_text(char text[TEXT_BYTES], int number, int round) {
    snprintf(text, TEXT_BYTES, "Talked about the roof, the bus and a letter with someone new; agreed to meet again on the"
                               " way back, round %d, visit %d", round, number);
}

static void update_one(sqlite3 *database, sqlite3_stmt *update, const unsigned char *id, int number, int round) {
    char text[TEXT_BYTES];
    make_text(text, number, round);
    sqlite3_bind_text(update, 1, text, -1, SQLITE_STATIC);
    sqlite3_bind_blob(update, 2, id, ID_BYTES, SQLITE_STATIC);
    step(database, update);
}

static double update(int count, int round, char **paths, int files) {
    sqlite3 *databases[3];
    sqlite3_stmt *updates[3];
    unsigned char *ids[3];
    if (files > 3) { fprintf(stderr, "at most three files\n"); exit(2); }
    for (int i = 0; i < files; i++) {
        databases[i] = open_file(paths[i], 0);
        updates[i] = prepare(databases[i], "UPDATE visit SET summary = ?1 WHERE id = ?2");
        ids[i] = read_ids(databases[i], count, 0, 0);
    }
    double start = now();
    for (int i = 0; i < files; i++) {
        run(databases[i], "BEGIN IMMEDIATE");
        for (int n = 0; n < count; n++) update_one(databases[i], updates[i], ids[i] + n * ID_BYTES, n, round);
        run(databases[i], "COMMIT");
    }
    double time = now() - start;
    for (int i = 0; i < files; i++) close_file(databases[i]);
    return time;
}

static double commits(int count, sqlite3 *database) {
    unsigned char *ids = read_ids(database, count, 0, 0);
    sqlite3_stmt *statement = prepare(database, "UPDATE visit SET summary = ?1 WHERE id = ?2");
    double start = now();
    for (int n = 0; n < count; n++) {
        run(database, "BEGIN IMMEDIATE");
        update_one(database, statement, ids + n * ID_BYTES, n, (int)start);
        run(database, "COMMIT");
    }
    return now() - start;
}

/* The layout of a server: the fields that are updated, and a row of `version` for each old value. */
static const char *const fields[] = {"summary", "purpose", "reflection", "started", "ended", "kind", "outcome_other", "headcount"};
static const int field_numbers[] = {8, 7, 9, 3, 4, 5, 11, 12};
enum { MOST_FIELDS = 8 };

typedef struct {
    sqlite3_stmt *select, *update, *insert;
    int fields;
} merging;

static merging prepare_merging(sqlite3 *database, int used) {
    merging made = {.fields = used};
    char sql[512] = "SELECT record_key, created_time, created_device, stamps, more";
    for (int i = 0; i < used; i++) strcat(strcat(sql, ", "), fields[i]);
    made.select = prepare(database, strcat(sql, " FROM visit WHERE id = ?1"));
    strcpy(sql, "UPDATE visit SET living = 1, stamps = ?1, more = ?2");
    for (int i = 0; i < used; i++) sprintf(sql + strlen(sql), ", %s = ?%d", fields[i], i + 4);
    made.update = prepare(database, strcat(sql, " WHERE record_key = ?3"));
    made.insert = prepare(database, "INSERT INTO version VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    return made;
}

static void merge_one(sqlite3 *database, merging work, const unsigned char *id, int n, int round) {
    sqlite3_stmt *select = work.select, *update = work.update, *insert = work.insert;
    char text[TEXT_BYTES];
    make_text(text, n, round);
    sqlite3_bind_blob(select, 1, id, ID_BYTES, SQLITE_STATIC);
    check(database, sqlite3_step(select), "select");
    sqlite3_bind_value(update, 1, sqlite3_column_value(select, 3));
    sqlite3_bind_value(update, 2, sqlite3_column_value(select, 4));
    sqlite3_bind_value(update, 3, sqlite3_column_value(select, 0));
    for (int i = 0; i < work.fields; i++) {
        sqlite3_bind_int(insert, 1, 4);
        sqlite3_bind_value(insert, 2, sqlite3_column_value(select, 0));
        sqlite3_bind_int(insert, 3, field_numbers[i]);
        sqlite3_bind_int64(insert, 4, sqlite3_column_int64(select, 1) + ((sqlite3_int64)round << 40) + n);
        sqlite3_bind_value(insert, 5, sqlite3_column_value(select, 2));
        sqlite3_bind_value(insert, 6, sqlite3_column_value(select, 5 + i));
        sqlite3_bind_value(insert, 7, sqlite3_column_value(select, 1));
        sqlite3_bind_value(insert, 8, sqlite3_column_value(select, 2));
        step(database, insert);
        if (field_numbers[i] == 12) sqlite3_bind_int(update, i + 4, n + round);
        else sqlite3_bind_text(update, i + 4, text, field_numbers[i] == 8 ? -1 : 24, SQLITE_STATIC);
    }
    step(database, update);
    sqlite3_reset(select);
}

/* With the cache of a server's writer, which folds the log into the file between its transactions. */
static double merge(int transactions, int count, int used, int round, int is_random, sqlite3 *database) {
    run(database, "PRAGMA cache_size = -65536");
    merging work = prepare_merging(database, used);
    double time = 0;
    for (int number = 0; number <= transactions; number++) {
        int value = round * 100 + number;
        unsigned char *ids = read_ids(database, count, number, is_random ? (uint64_t)value + 1 : 0);
        double start = now();
        run(database, "BEGIN IMMEDIATE");
        for (int n = 0; n < count; n++) merge_one(database, work, ids + n * ID_BYTES, n, value);
        run(database, "COMMIT");
        if (number) time += now() - start;
        free(ids);
        check(database, sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), "checkpoint");
    }
    return time;
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    double time = 0;
    if (argc == 6 && (!strcmp(mode, "copy") || !strcmp(mode, "insert"))) {
        sqlite3 *from = open_file(argv[2], 0), *to = open_file(argv[3], 1);
        /* Writes go on for long: the log is folded from time to time, as SQLite's default and Kith do. */
        if (!strcmp(mode, "insert")) sqlite3_wal_autocheckpoint(to, LOG_PAGES);
        time = copy(from, to, atoi(argv[4]), atoi(argv[5]), !strcmp(mode, "insert"));
        close_file(from);
        close_file(to);
    } else if (argc >= 5 && !strcmp(mode, "update")) {
        time = update(atoi(argv[2]), atoi(argv[3]), argv + 4, argc - 4);
    } else if (argc == 4 && !strcmp(mode, "commits")) {
        sqlite3 *database = open_file(argv[3], 0);
        time = commits(atoi(argv[2]), database);
        close_file(database);
    } else if (argc == 8 && !strcmp(mode, "merge") && atoi(argv[4]) <= MOST_FIELDS) {
        sqlite3 *database = open_file(argv[7], 0);
        int is_random = !strcmp(argv[6], "random");
        time = merge(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), is_random, database);
        close_file(database);
    } else {
        fprintf(stderr, "plain_floor copy|insert FROM TO PER LIMIT | update COUNT ROUND DB… | commits COUNT DB |"
                        " merge TRANSACTIONS COUNT FIELDS ROUND spread|random DB\n");
        return 2;
    }
    printf("%.6f\n", time);
    return 0;
}
