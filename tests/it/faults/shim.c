/* A disk that remembers and fails, for one process: preloaded, it stands between SQLite and the C library.
 *
 *   SHIM_FILES=/path/p.db            the files that it looks at: those whose path begins so
 *   SHIM_LOG=/path/log               records every change and fsync of them that was made, with its data
 *   SHIM_FAIL=CALL:FILE:N:HOW:TIMES  CALL is write or sync; of FILE (db, wal, any) the N-th call and the TIMES - 1 after
 *                                    it go wrong: HOW is eio, enospc, eintr, or short (half is written, then enospc)
 *   SHIM_EXIT=N                      ends the process before the N-th change of names (rename, unlink) or fsync
 *
 * A record of the log: one byte of what (W, T, S, U), one of which file (0 the database, 1 its log), the offset, the
 * length, and the data of a write; numbers are 64 bits in the machine's order. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 1024
enum { NONE = 0, DB, WAL, OTHER };
static char kind_of[FILES];
static const char *watched;
static int log_fd = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static char fail_call[8], fail_file[8], fail_how[8];
static long fail_at, fail_times, fail_seen;
static long exit_at, exit_seen;

#define REAL(type, name, ...)                                   \
    static type (*real)(__VA_ARGS__);                           \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void start(void) {
    watched = getenv("SHIM_FILES");
    const char *log = getenv("SHIM_LOG"), *fail = getenv("SHIM_FAIL"), *end = getenv("SHIM_EXIT");
    if (log) log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fail) sscanf(fail, "%7[^:]:%7[^:]:%ld:%7[^:]:%ld", fail_call, fail_file, &fail_at, fail_how, &fail_times);
    if (end) exit_at = atol(end);
}

static char kind(const char *path) {
    if (!watched || strncmp(path, watched, strlen(watched))) return NONE;
    const char *rest = path + strlen(watched);
    if (!*rest) return DB;
    if (!strcmp(rest, "-wal")) return WAL;
    return OTHER;
}

static char kind_of_fd(int fd) { return fd >= 0 && fd < FILES ? kind_of[fd] : NONE; }

static void record(char what, char file, long offset, long length, const void *data) {
    if (log_fd < 0 || (file != DB && file != WAL)) return;
    char head[18] = {what, file == WAL};
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &length, 8);
    struct iovec parts[2] = {{head, 18}, {(void *)data, data ? length : 0}};
    if (writev(log_fd, parts, 2) < 0) abort();
}

/* Whether this call is to go wrong. */
static int fails(const char *call, char file) {
    if (!fail_at || file == NONE || file == OTHER || strcmp(call, fail_call)) return 0;
    if (strcmp(fail_file, "any") && strcmp(fail_file, file == DB ? "db" : "wal")) return 0;
    long n = __sync_add_and_fetch(&fail_seen, 1);
    return n >= fail_at && n < fail_at + fail_times;
}

static int wrong(void) {
    errno = !strcmp(fail_how, "eio") ? EIO : !strcmp(fail_how, "eintr") ? EINTR : ENOSPC;
    return -1;
}

static void maybe_exit(const char *path) {
    if (exit_at && watched && !strncmp(path, watched, strlen(watched)) && ++exit_seen == exit_at) _exit(137);
}

static int opened(int fd, const char *path) {
    if (fd >= 0 && fd < FILES) kind_of[fd] = kind(path);
    return fd;
}

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...) {                    \
        va_list rest;                                               \
        va_start(rest, flags);                                      \
        mode_t mode = va_arg(rest, mode_t);                         \
        va_end(rest);                                               \
        REAL(int, #name, const char *, int, ...);                   \
        return opened(real(path, flags, mode), path);               \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < FILES) kind_of[fd] = NONE;
    return real(fd);
}

static ssize_t written(ssize_t (*real)(int, const void *, size_t, off_t), int fd, const void *data, size_t length,
                       off_t offset) {
    char file = kind_of_fd(fd);
    if (file == NONE) return real(fd, data, length, offset);
    pthread_mutex_lock(&turn);
    ssize_t done;
    if (fails("write", file)) {
        if (!strcmp(fail_how, "short") && length > 1) {
            done = real(fd, data, length / 2, offset);
            fail_how[0] = 'e'; /* the rest of it: no space */
            fail_at = fail_seen + 1;
            fail_times = 1;
        } else {
            done = wrong();
        }
    } else {
        done = real(fd, data, length, offset);
    }
    if (done > 0) record('W', file, offset, done, data);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return written(real, fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return written(real, fd, data, length, offset);
}

static int synced(int (*real)(int), int fd) {
    char file = kind_of_fd(fd);
    if (file == NONE) return real(fd);
    pthread_mutex_lock(&turn);
    if (exit_at && ++exit_seen == exit_at) _exit(137);
    int done = fails("sync", file) ? wrong() : real(fd);
    if (!done) record('S', file, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    return done;
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return synced(real, fd);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return synced(real, fd);
}

static int cut(int (*real)(int, off_t), int fd, off_t length) {
    char file = kind_of_fd(fd);
    if (file == NONE) return real(fd, length);
    pthread_mutex_lock(&turn);
    int done = real(fd, length);
    if (!done) record('T', file, length, 0, NULL);
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t length) {
    REAL(int, "ftruncate", int, off_t);
    return cut(real, fd, length);
}

int ftruncate64(int fd, off64_t length) {
    REAL(int, "ftruncate64", int, off_t);
    return cut(real, fd, length);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    maybe_exit(path);
    int done = real(path);
    if (!done) record('U', kind(path), 0, 0, NULL);
    return done;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    maybe_exit(from);
    return real(from, to);
}
