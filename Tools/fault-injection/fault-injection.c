// Faults inside a real process, at the very point a test wants them: loaded in front of the C library (LD_PRELOAD, ld.so(8)).
//
// FAULT_INJECTION names a directory. A file in it switches a fault on, for as long as it is there:
//
//     kill-before-commit   SIGKILL in place of the next write to a write-ahead log
//     kill-after-commit    SIGKILL right after the sync that makes the next commit durable
//     fail-sync            fsync(2) and fdatasync(2) fail with EIO
//     slow-sync            they take as many milliseconds longer as the file says
//     clock                the time of day is off by as many seconds as the file says
//
// What a write-ahead log of SQLite is, the file's name tells; it is written with pwrite64 and synced with fdatasync.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// Whether the last write to a log was its header, which is synced on its own before the first commit in it.
static atomic_bool header_is_last;

static int is_on(const char *fault, long *value)
{
    const char *directory = getenv("FAULT_INJECTION");
    char text[4096] = "";
    if (!directory || snprintf(text, sizeof text, "%s/%s", directory, fault) >= (int)sizeof text) return 0;
    int error = errno, file = open(text, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t length = read(file, text, sizeof text - 1);
        text[length > 0 ? length : 0] = 0;
        if (value) *value = atol(text);
        close(file);
    }
    errno = error;
    return file >= 0;
}

static int is_log(int file)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path);
    return length > 4 && !memcmp(path + length - 4, "-wal", 4);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset)
{
    if (is_log(file)) {
        if (is_on("kill-before-commit", NULL)) die();
        header_is_last = offset == 0;
    }
    return syscall(SYS_pwrite64, file, bytes, count, offset);
}

static int synced(int file, long call)
{
    long delay = 0;
    if (is_on("fail-sync", NULL)) {
        errno = EIO;
        return -1;
    }
    if (is_on("slow-sync", &delay)) usleep(delay * 1000);
    int result = syscall(call, file);
    if (is_log(file) && !header_is_last && is_on("kill-after-commit", NULL)) die();
    return result;
}

int fdatasync(int file)
{
    return synced(file, SYS_fdatasync);
}

int fsync(int file)
{
    return synced(file, SYS_fsync);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = syscall(SYS_clock_gettime, clock, time);
    long offset = 0;
    if (result == 0 && clock == CLOCK_REALTIME && is_on("clock", &offset)) time->tv_sec += offset;
    return result;
}
