#define _GNU_SOURCE
#include "supervisor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int cpu_v1 = -1, cpu_v2 = -1, memory = -1, events = -1;

static int look(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

void meter_open(void) {
    cpu_v1 = look("/sys/fs/cgroup/cpuacct/cpuacct.usage");
    cpu_v2 = look("/sys/fs/cgroup/cpu.stat");
    memory = look("/sys/fs/cgroup/memory/memory.stat");
    events = look("/sys/fs/cgroup/memory/memory.oom_control");
    if (memory < 0) memory = look("/sys/fs/cgroup/memory.stat");
    if (events < 0) events = look("/sys/fs/cgroup/memory.events");
}

static char text[8192];

static bool refresh(int fd) {
    ssize_t size = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (size <= 0) return false;
    text[size] = 0;
    return true;
}

/* The number on the line that starts with `name`. */
static uint64_t field(const char *name) {
    size_t size = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (!strncmp(line, name, size) && line[size] == ' ') return strtoull(line + size, NULL, 10);
    return 0;
}

uint64_t clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t used_us(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct cpu meter_cpu(void) {
    struct cpu now = {.reaped = used_us(RUSAGE_CHILDREN), .own = used_us(RUSAGE_SELF)};
    if (refresh(cpu_v1))
        now.group = strtoull(text, NULL, 10) / 1000u;
    else if (refresh(cpu_v2))
        now.group = field("usage_usec");
    return now;
}

static uint64_t less(uint64_t from, uint64_t what) { return from > what ? from - what : 0; }

/* CPU of everybody in the container but us. The cgroup counts also those whom nobody waited for; where it cannot be
 * read, what we reaped has to do. The clocks behind these numbers differ by microseconds, so each is compared with itself. */
uint64_t meter_cpu_us(const struct cpu *before) {
    struct cpu now = meter_cpu();
    uint64_t group = less(less(now.group, before->group), less(now.own, before->own));
    uint64_t reaped = less(now.reaped, before->reaped);
    return group > reaped ? group : reaped;
}

/* Memory that belongs to processes and to files in memory; not the page cache of the image's own files. */
uint64_t meter_memory(void) {
    if (!refresh(memory)) return 0;
    uint64_t anonymous = field("anon");
    return (anonymous ? anonymous : field("rss")) + field("shmem");
}

uint64_t meter_oom_kills(void) { return refresh(events) ? field("oom_kill") : 0; }
