#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int store = -1;
static off_t end;

void store_open(void) {
    store = memfd_create("store", MFD_CLOEXEC);
    if (store < 0) broken("cannot make the file store");
}

static void append(const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t done = pwrite(store, bytes, size, end);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) broken("the file store is full");
        bytes += done, size -= (size_t)done, end += done;
    }
}

struct blob store_append_from_input(uint64_t size, void (*take)(void *, size_t)) {
    static char buffer[65536];
    struct blob blob = {end, size};
    for (uint64_t rest = size; rest > 0;) {
        size_t part = rest < sizeof buffer ? (size_t)rest : sizeof buffer;
        take(buffer, part);
        append(buffer, part);
        rest -= part;
    }
    return blob;
}

/* Everybody else is dead when this runs, so the file cannot change under us. */
struct blob store_append_file(int fd, uint64_t size) {
    static char buffer[65536];
    struct blob blob = {end, size};
    while ((uint64_t)(end - blob.at) < size) {
        ssize_t got = read(fd, buffer, sizeof buffer);
        if (got <= 0) broken("the program cannot be read back");
        append(buffer, (size_t)got);
    }
    return blob;
}

void store_copy(struct blob blob, int to) {
    off_t at = blob.at;
    while ((uint64_t)(at - blob.at) < blob.size) {
        ssize_t done = sendfile(to, store, &at, blob.size - (uint64_t)(at - blob.at));
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) broken("a file does not fit into the work folder");
    }
}

/* A sealed copy of its own for each run: nothing has to feed a pipe, so a program that never reads, or reads for ever,
 * blocks nobody; and no run can change what the next one reads. */
int store_as_input(struct blob blob) {
    int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) broken("cannot make an input");
    store_copy(blob, fd);
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) broken("cannot seal an input");
    lseek(fd, 0, SEEK_SET);
    return fd;
}
