#define _GNU_SOURCE
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every place a program can write. The last two are there only in some engines. */
static const char *const PLACES[] = {"/work", "/tmp", "/dev/shm", "/dev/mqueue"};
enum { WORK = 0, COUNT = 4 };
static int places[COUNT];

void folders_open(void) {
    for (int i = 0; i < COUNT; i++) places[i] = open(PLACES[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (places[WORK] < 0) broken("there is no work folder");
}

/* Removes the plain entries of a folder; the name of the first folder that is not empty is left in `into`. */
static bool sweep(int folder, char into[NAME_MAX + 1]) {
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = own < 0 ? NULL : fdopendir(own);
    if (!entries) return false;
    bool deeper = false;
    for (struct dirent *entry; !deeper && (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        if (unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0) continue;
        if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES) broken("a file cannot be removed");
        deeper = true;
        strcpy(into, name);
    }
    closedir(entries);
    return deeper;
}

/* Goes down and up again one folder at a time, so neither depth nor path length matters. No program is alive
 * meanwhile, so nothing moves under us; links are removed, never followed. */
static void empty(int place) {
    char name[NAME_MAX + 1];
    int here = dup(place);
    for (int depth = 0;;) {
        fchmod(here, 0700);
        int next = -1;
        if (sweep(here, name)) {
            fchmodat(here, name, 0700, 0); /* it is a folder: unlinking it as a file has just failed */
            next = openat(here, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (next < 0) broken("a folder cannot be emptied");
            depth++;
        } else if (depth > 0) {
            next = openat(here, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            depth--;
        }
        close(here);
        if (next < 0) return;
        here = next;
    }
}

static void lay(const struct file *file, bool anew) {
    char *path = strdup(file->name), *rest = path;
    int folder = dup(places[WORK]);
    for (char *slash; (slash = strchr(rest, '/')); rest = slash + 1) {
        *slash = 0;
        mkdirat(folder, rest, 0755);
        int next = openat(folder, rest, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(folder);
        if ((folder = next) < 0) broken("a folder of the job cannot be made");
    }
    if (anew) unlinkat(folder, rest, 0);
    int fd = openat(folder, rest, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->mode);
    if (fd < 0) broken("a file of the job cannot be made");
    store_copy(file->data, fd);
    close(fd);
    close(folder);
    free(path);
}

/* Every run starts with the job's files and nothing else. */
void folders_reset(const struct job *job, const struct run *run) {
    for (int i = 0; i < COUNT; i++)
        if (places[i] >= 0) empty(places[i]);
    for (uint32_t i = 0; i < job->file_count; i++) lay(&job->files[i], false);
    for (uint32_t i = 0; run && i < run->file_count; i++) lay(&run->files[i], true);
}

/* Takes what the compiler left, if it is a plain file of a sane size: a link, a pipe or a device planted there is refused. */
bool keep_artefact(struct job *job) {
    int fd = openat(places[WORK], job->artefact, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat about;
    bool plain = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
                 (uint64_t)about.st_size <= job->compile_limits.file;
    if (plain) {
        struct blob data = store_append_file(fd, (uint64_t)about.st_size);
        job->files[job->file_count++] = (struct file){job->artefact, data, 0755};
    }
    if (fd >= 0) close(fd);
    return plain;
}

/* Opens a plain file below the work folder without following any link; -1 where it is not one. */
static int open_plain(const char *name, struct stat *about) {
    char *path = strdup(name), *rest = path;
    int folder = dup(places[WORK]), fd = -1;
    for (char *slash; folder >= 0 && (slash = strchr(rest, '/')); rest = slash + 1) {
        *slash = 0;
        int next = openat(folder, rest, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(folder);
        folder = next;
    }
    if (folder >= 0) fd = openat(folder, rest, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, about) < 0 || !S_ISREG(about->st_mode))) {
        close(fd);
        fd = -1;
    }
    if (folder >= 0) close(folder);
    free(path);
    return fd;
}

/* Everybody else is dead when this runs. A file that does not fit into what is left of the cap is left out. */
uint32_t collect(const struct job *job, struct kept *kept) {
    uint64_t room = job->limits.output;
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->collect_count; i++) {
        struct stat about;
        int fd = open_plain(job->collect[i], &about);
        if (fd < 0) continue;
        if ((uint64_t)about.st_size > room) {
            close(fd);
            continue;
        }
        room -= (uint64_t)about.st_size;
        kept[count++] = (struct kept){fd, i, (uint64_t)about.st_size};
    }
    return count;
}
