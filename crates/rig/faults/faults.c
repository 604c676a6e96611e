/*
 * Makes calls that write fail, for as long as a control file says so. Loaded with LD_PRELOAD.
 *
 * RIG_FAULTS_BELOW: files below this folder can fail; all others never do.
 * RIG_FAULTS: the control file. While it exists, its one line "<call> <errno> <n>" is obeyed: every n-th of these calls
 * on such files fails with this errno (a number). The call is fdatasync (which stands for fsync as well), pwrite64
 * (and its kin), ftruncate, or all. While it does not exist, or cannot be understood, everything is passed through.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_uint calls;

static int is_below(int fd) {
    const char *folder = getenv("RIG_FAULTS_BELOW");
    char link[64], path[PATH_MAX];
    if (folder == NULL) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = '\0';
    size_t folder_length = strlen(folder);
    return strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

/* The errno to fail with, or 0. */
static int fault(const char *call, int fd) {
    const char *control = getenv("RIG_FAULTS");
    char line[64] = "", wanted[32];
    int number;
    unsigned every;
    if (control == NULL) return 0;
    int file = open(control, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, line, sizeof line - 1);
    close(file);
    if (length <= 0 || sscanf(line, "%31s %d %u", wanted, &number, &every) != 3 || every == 0) return 0;
    if (strcmp(wanted, "all") != 0 && strcmp(wanted, call) != 0) return 0;
    if (!is_below(fd)) return 0;
    return atomic_fetch_add(&calls, 1) % every == every - 1 ? number : 0;
}

/* What the call was before we came. */
#define NEXT(name)                                                  \
    static __typeof__(name) *_Atomic next;                          \
    if (next == NULL) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define FAIL(call, fd)                         \
    do {                                       \
        int before = errno;                    \
        int number = fault(call, fd);          \
        errno = number != 0 ? number : before; \
        if (number != 0) return -1;            \
    } while (0)

int fdatasync(int fd) {
    NEXT(fdatasync);
    FAIL("fdatasync", fd);
    return next(fd);
}

int fsync(int fd) {
    NEXT(fsync);
    FAIL("fdatasync", fd);
    return next(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    NEXT(write);
    FAIL("pwrite64", fd);
    return next(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    NEXT(pwrite);
    FAIL("pwrite64", fd);
    return next(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    NEXT(pwrite64);
    FAIL("pwrite64", fd);
    return next(fd, bytes, count, at);
}

int ftruncate(int fd, off_t length) {
    NEXT(ftruncate);
    FAIL("ftruncate", fd);
    return next(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    NEXT(ftruncate64);
    FAIL("ftruncate", fd);
    return next(fd, length);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    NEXT(posix_fallocate);
    int number = fault("pwrite64", fd);
    return number != 0 ? number : next(fd, at, length);
}
