#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Frames of the host: a letter and a length. 'S' starts the next run, 'I' brings words for it, 'E' says that no more come.
 * Nothing here ever blocks on the program or on the host while a run lasts, or its limits would not be watched. */
static char heard[PIECE], said[4 + 1 + PIECE];
static size_t heard_size, heard_at, said_size, said_at;
static unsigned char head[5];
static size_t head_size, body_left;
static int program = -1; /* the program's input */
static bool over;        /* no more words will come for it */

static void fail_or_wait(ssize_t done) {
    if (done == 0) _exit(0); /* the host has gone; with us everybody in here dies */
    if (errno != EAGAIN && errno != EINTR) _exit(0);
}

static void stop_feeding(void) {
    if (program >= 0) close(program);
    program = -1;
    heard_size = heard_at = 0;
}

/* One step of reading a frame; true when a whole head has just come. Words go into `heard`, which must be empty. */
static bool step(void) {
    if (body_left > 0) {
        ssize_t got = read(STDIN_FILENO, heard, body_left < PIECE ? body_left : PIECE);
        if (got <= 0) {
            fail_or_wait(got);
            return false;
        }
        body_left -= (size_t)got;
        heard_size = (size_t)got, heard_at = 0;
        return false;
    }
    ssize_t got = read(STDIN_FILENO, head + head_size, sizeof head - head_size);
    if (got <= 0) {
        fail_or_wait(got);
        return false;
    }
    head_size += (size_t)got;
    if (head_size < sizeof head) return false;
    head_size = 0;
    body_left = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if ((head[0] != 'I' && body_left > 0) || body_left > PIECE) broken("the host's words are out of form");
    return true;
}

void live_await_start(void) {
    for (;;) {
        struct pollfd host = {STDIN_FILENO, POLLIN, 0};
        poll(&host, 1, -1);
        bool whole = step();
        heard_size = 0;
        if (whole && head[0] == 'S') return;
    }
}

void live_open(int to_program) {
    program = to_program;
    over = false;
    heard_size = heard_at = said_size = said_at = 0;
    fcntl(program, F_SETFL, O_NONBLOCK);
    fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
}

int live_wants(void) { return heard_at == heard_size && !over; }

int live_poll_program(void) { return heard_at < heard_size ? program : -1; }

bool live_may_speak(void) { return said_at == said_size; }

void live_hear(void) {
    if (!live_wants()) return;
    if (step() && head[0] == 'E') {
        over = true;
        stop_feeding();
    }
    if (heard_size > heard_at) live_feed();
}

void live_feed(void) {
    if (program < 0) heard_at = heard_size; /* it reads no more */
    while (heard_at < heard_size) {
        ssize_t done = write(program, heard + heard_at, heard_size - heard_at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return;
        if (done < 0) { /* it has closed its input; the host's words go nowhere from here on */
            stop_feeding();
            return;
        }
        heard_at += (size_t)done;
    }
    heard_size = heard_at = 0;
}

void live_speak(const char *bytes, size_t size) {
    size_t length = size + 1;
    for (int i = 0; i < 4; i++) said[i] = (char)(length >> (24 - 8 * i));
    said[4] = 'O';
    memcpy(said + 5, bytes, size);
    said_size = size + 5, said_at = 0;
    live_flush();
}

void live_flush(void) {
    while (said_at < said_size) {
        ssize_t done = write(STDOUT_FILENO, said + said_at, said_size - said_at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return;
        if (done <= 0) _exit(3);
        said_at += (size_t)done;
    }
}

/* Until the host can take something. Meanwhile we take what it brings, for nobody: it may be waiting to be heard by us
 * before it hears us. */
void live_wait_for_host(void) {
    struct pollfd host[] = {{STDOUT_FILENO, POLLOUT, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(host, 2, -1);
    if (host[0].revents == 0 && host[1].revents & POLLIN) {
        step();
        heard_size = heard_at = 0;
    } else if (host[1].revents & (POLLHUP | POLLERR | POLLNVAL))
        _exit(0);
}

void live_close(void) {
    stop_feeding();
    while (said_at < said_size) {
        live_wait_for_host();
        live_flush();
    }
}
