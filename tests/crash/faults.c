/* A failing disk, for tests: the n-th call that writes below a folder fails, in whichever process it happens.
 *
 * Preloaded (ld.so(8)) into the ledger and every git that it starts. FAULTS_STATE names a file of five 64-bit numbers that all processes share:
 * calls to let pass before the first failure (0: count only), the error, whether every later call fails too, calls seen, calls failed.
 * FAULTS_UNDER is the folder.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct state { long long nth, error, lasting, seen, failed; };
static struct state *state;
static const char *under;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULTS_STATE");
    under = getenv("FAULTS_UNDER");
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int file = name ? real(name, O_RDWR) : -1;
    if (file < 0)
        return;
    state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (state == MAP_FAILED)
        state = NULL;
}

static int below(const char *path)
{
    return under && strncmp(path, under, strlen(under)) == 0;
}

static int fails(int concerned)
{
    if (!state || !concerned)
        return 0;
    long long number = __sync_add_and_fetch(&state->seen, 1);
    if (!state->nth || number < state->nth || (number > state->nth && !state->lasting))
        return 0;
    __sync_add_and_fetch(&state->failed, 1);
    errno = (int)state->error;
    return 1;
}

static int concerns_file(int file)
{
    char link[64], path[PATH_MAX];
    if (!state)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return below(path);
}

static int concerns_path(int folder, const char *path)
{
    char whole[PATH_MAX * 2], link[64], above[PATH_MAX];
    if (!state)
        return 0;
    if (path[0] == '/')
        return below(path);
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, above, sizeof above - 1);
    if (length < 0)
        return 0;
    above[length] = 0;
    snprintf(whole, sizeof whole, "%s/%s", above, path);
    return below(whole);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t size)
{
    return fails(concerns_file(file)) ? -1 : REAL(ssize_t, write, int, const void *, size_t)(file, data, size);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int file, const void *data, size_t size, offset_type at) \
    { \
        return fails(concerns_file(file)) ? -1 : REAL(ssize_t, name, int, const void *, size_t, offset_type)(file, data, size, at); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define ON_FILE(name) \
    int name(int file) { return fails(concerns_file(file)) ? -1 : REAL(int, name, int)(file); }
ON_FILE(fsync)
ON_FILE(fdatasync)

int ftruncate(int file, off_t size) { return fails(concerns_file(file)) ? -1 : REAL(int, ftruncate, int, off_t)(file, size); }
int ftruncate64(int file, off64_t size) { return fails(concerns_file(file)) ? -1 : REAL(int, ftruncate64, int, off64_t)(file, size); }

#define ON_TWO_PATHS(name) \
    int name(const char *old, const char *new) \
    { \
        return fails(concerns_path(AT_FDCWD, new)) ? -1 : REAL(int, name, const char *, const char *)(old, new); \
    }
ON_TWO_PATHS(rename)
ON_TWO_PATHS(link)

int mkdir(const char *path, mode_t mode) { return fails(concerns_path(AT_FDCWD, path)) ? -1 : REAL(int, mkdir, const char *, mode_t)(path, mode); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & O_CREAT) && fails(concerns_path(AT_FDCWD, path))) \
            return -1; \
        return REAL(int, name, const char *, int, ...)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
