#include "supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORD (1u << 20)
#define MAX_COUNT 4096u

static uint64_t left; /* bytes of the job's frame not read yet */

static void write_all(const void *bytes, size_t size) {
    for (const char *at = bytes; size > 0;) {
        ssize_t done = write(STDOUT_FILENO, at, size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) { /* only in a live job */
            live_wait_for_host(true);
            continue;
        }
        if (done <= 0) _exit(3); /* nobody listens any more */
        at += done, size -= (size_t)done;
    }
}

static size_t put32(char *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (char)(value >> (24 - 8 * i));
    return 4;
}

static size_t put64(char *at, uint64_t value) {
    put32(at, (uint32_t)(value >> 32));
    put32(at + 4, (uint32_t)value);
    return 8;
}

void broken(const char *what) {
    char head[5];
    put32(head, 1 + (uint32_t)strlen(what));
    head[4] = 'E';
    write_all(head, 5);
    write_all(what, strlen(what));
    _exit(2);
}

static void take(void *to, size_t size) {
    if (size > left) broken("the job's frame is too short");
    left -= size;
    for (char *at = to; size > 0;) {
        ssize_t done = read(STDIN_FILENO, at, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) _exit(0); /* the host went away before it asked for anything */
        at += done, size -= (size_t)done;
    }
}

static uint32_t take32(void) {
    unsigned char b[4];
    take(b, 4);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t take64(void) {
    uint64_t high = take32();
    return high << 32 | take32();
}

static uint32_t take_count(void) {
    uint32_t count = take32();
    if (count > MAX_COUNT) broken("the job counts too many of something");
    return count;
}

static void *room(size_t count, size_t size) {
    void *memory = calloc(count + 1, size); /* one more, so that word lists end in NULL */
    if (!memory) broken("out of memory while reading the job");
    return memory;
}

static char *take_word(void) {
    uint32_t size = take32();
    if (size > MAX_WORD) broken("a word of the job is too long");
    char *word = room(size, 1);
    take(word, size);
    return word;
}

static char **take_words(uint32_t *count) {
    *count = take_count();
    char **words = room(*count, sizeof *words);
    for (uint32_t i = 0; i < *count; i++) words[i] = take_word();
    return words;
}

static void take_limits(struct limits *limits) {
    limits->cpu_us = take64();
    limits->wall_us = take64();
    limits->memory = take64();
    limits->output = take64();
    limits->errors = take64();
    limits->file = take64();
    limits->processes = take64();
}

static struct file *take_files(uint32_t *count) {
    *count = take_count();
    struct file *files = room(*count + 1, sizeof *files); /* one more for the artefact */
    for (uint32_t i = 0; i < *count; i++) {
        files[i].name = take_word();
        files[i].data = store_append_from_input(take64(), take);
        files[i].mode = 0644;
    }
    return files;
}

void read_job(struct job *job) {
    left = 4;
    left = take32();
    if (take32() != PROTOCOL) broken("this image speaks another version; build the runner image again");
    take_limits(&job->limits);
    take_limits(&job->compile_limits);
    job->live = take32() != 0;
    job->files = take_files(&job->file_count);
    job->artefact = take_word();
    job->compile = take_words(&job->compile_count);
    job->command = take_words(&job->command_count);
    job->collect = take_words(&job->collect_count);
    if (job->collect_count > MAX_COLLECTED) broken("the job collects too many files");
    job->run_count = take_count();
    job->runs = room(job->run_count, sizeof *job->runs);
    for (uint32_t i = 0; i < job->run_count; i++) {
        job->runs[i].args = take_words(&job->runs[i].count);
        job->runs[i].input = store_append_from_input(take64(), take);
        job->runs[i].files = take_files(&job->runs[i].file_count);
    }
    if (left != 0) broken("the job's frame is too long");
}

static void send_file(const struct kept *file) {
    static char buffer[65536];
    char head[12];
    size_t n = put32(head, file->index);
    n += put64(head + n, file->size);
    write_all(head, n);
    for (uint64_t rest = file->size; rest > 0;) {
        ssize_t got = read(file->fd, buffer, rest < sizeof buffer ? (size_t)rest : sizeof buffer);
        if (got <= 0) broken("a file that a run left cannot be read");
        write_all(buffer, (size_t)got);
        rest -= (uint64_t)got;
    }
}

void send_result(char kind, const struct result *result, const struct kept *kept, uint32_t kept_count) {
    char head[80];
    uint64_t size = result->out.size + result->err.size;
    for (uint32_t i = 0; i < kept_count; i++) size += 12 + kept[i].size;
    size_t n = 4;
    head[n++] = kind;
    head[n++] = (char)result->cause;
    head[n++] = (char)(result->out.cut | result->err.cut << 1 | result->oom << 2);
    n += put32(head + n, (uint32_t)result->exit_code);
    n += put32(head + n, (uint32_t)result->signal);
    n += put64(head + n, result->cpu_us);
    n += put64(head + n, result->wall_us);
    n += put64(head + n, result->peak);
    n += put32(head + n, (uint32_t)result->out.size);
    n += put32(head + n, (uint32_t)result->err.size);
    put32(head, (uint32_t)(n - 4 + size));
    write_all(head, n);
    write_all(result->out.bytes, result->out.size);
    write_all(result->err.bytes, result->err.size);
    for (uint32_t i = 0; i < kept_count; i++) send_file(&kept[i]);
}

void send_ready(void) {
    char frame[9];
    put32(frame, 5);
    frame[4] = 'Y';
    put32(frame + 5, PROTOCOL);
    write_all(frame, sizeof frame);
}

void send_done(void) { write_all("\0\0\0\1D", 5); }
