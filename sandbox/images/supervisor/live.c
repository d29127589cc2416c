#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Frames of the host: a letter and a length. 'S' starts the next run, 'I' brings words for it, 'A' says that the other
 * program has taken ours, 'E' that no more come. We say 'O' with words and 'A' when the program has taken the host's. One
 * piece is on its way in each direction, no more: who talks to a program that does not listen soon waits, as at a pipe.
 * Nothing here ever blocks on the program or on the host while a run lasts, or its limits would not be watched. */

static char heard[PIECE], said[4 + 1 + PIECE];
static size_t heard_size, heard_at, said_size, said_at;
static unsigned char head[5];
static size_t head_size, body_left;
static int program = -1; /* the program's input */
static bool over;        /* no more words will come for it */
static bool credit;      /* the other program has taken what ours said last */
static unsigned acks;    /* bytes of 'A' frames that the host has not taken yet */
static const char ACK[] = {0, 0, 0, 1, 'A'};

static void fail_or_wait(ssize_t done) {
    if (done == 0) _exit(0); /* the host has gone; with us everybody in here dies */
    if (errno != EAGAIN && errno != EINTR) _exit(0);
}

static void stop_feeding(void) {
    if (program >= 0) close(program);
    program = -1;
}

/* The words at hand are taken, or nobody wants them. */
static void taken(void) {
    if (heard_size > 0) acks += sizeof ACK;
    heard_size = heard_at = 0;
    if (over) stop_feeding();
}

/* One step of reading a frame; true when a whole head has just come. Words go into `heard`, which is empty then: the
 * host brings no more before we said that these were taken. */
static bool step(void) {
    if (body_left > 0) {
        ssize_t got = read(STDIN_FILENO, heard + heard_size, body_left);
        if (got <= 0) {
            fail_or_wait(got);
            return false;
        }
        body_left -= (size_t)got;
        heard_size += (size_t)got;
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
    if ((head[0] != 'I' && body_left > 0) || body_left > PIECE || (body_left > 0 && heard_size > 0)) broken("the host's words are out of form");
    if (head[0] == 'A') credit = true;
    return true;
}

void live_await_start(void) {
    for (;;) {
        struct pollfd host = {STDIN_FILENO, POLLIN, 0};
        poll(&host, 1, -1);
        bool whole = step();
        if (body_left == 0) heard_size = heard_at = 0;
        if (whole && head[0] == 'S') return;
    }
}

void live_open(int to_program) {
    program = to_program;
    over = false, credit = true;
    heard_size = heard_at = said_size = said_at = acks = 0;
    fcntl(program, F_SETFL, O_NONBLOCK);
    fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
}

int live_poll_program(void) { return body_left == 0 && heard_at < heard_size ? program : -1; }

bool live_speaks(void) { return said_at < said_size || acks > 0; }

bool live_may_speak(void) { return said_at == said_size && credit; }

void live_hear(void) {
    if (step() && head[0] == 'E') {
        over = true;
        if (heard_size == 0) stop_feeding();
    }
    if (body_left == 0 && heard_size > heard_at) live_feed();
}

void live_feed(void) {
    while (program >= 0 && heard_at < heard_size) {
        ssize_t done = write(program, heard + heard_at, heard_size - heard_at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return;
        if (done < 0) { /* it has closed its input; the host's words go nowhere from here on */
            stop_feeding();
            break;
        }
        heard_at += (size_t)done;
    }
    taken();
    live_flush();
}

void live_speak(const char *bytes, size_t size) {
    size_t length = size + 1;
    for (int i = 0; i < 4; i++) said[i] = (char)(length >> (24 - 8 * i));
    said[4] = 'O';
    memcpy(said + 5, bytes, size);
    said_size = size + 5, said_at = 0, credit = false;
    live_flush();
}

static bool put(const char *bytes, size_t size, size_t *at) {
    while (*at < size) {
        ssize_t done = write(STDOUT_FILENO, bytes + *at, size - *at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) return false;
        if (done <= 0) _exit(3);
        *at += (size_t)done;
    }
    return true;
}

/* A frame that has begun goes out whole before another begins. */
void live_flush(void) {
    size_t begun = acks % sizeof ACK, rest = begun ? sizeof ACK - begun : 0;
    if (begun) { /* the first ack is half out: its first bytes are gone */
        if (!put(ACK, sizeof ACK, &rest)) {
            acks = (unsigned)(acks / sizeof ACK * sizeof ACK + (sizeof ACK - rest));
            return;
        }
        acks -= (unsigned)begun;
    }
    if (said_at < said_size && !put(said, said_size, &said_at)) return;
    while (acks > 0) {
        size_t at = 0;
        bool whole = put(ACK, sizeof ACK, &at);
        acks -= (unsigned)at;
        if (!whole) return;
    }
}

/* Until the host can take something (`to_take`), or brings something. Meanwhile we take what it brings, for nobody: it may be waiting to be heard by us
 * before it hears us. */
void live_wait_for_host(bool to_take) {
    struct pollfd host[] = {{to_take ? STDOUT_FILENO : -1, POLLOUT, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(host, 2, -1);
    if (host[1].revents & POLLIN) {
        step();
        if (body_left == 0 && heard_size > 0) taken();
    } else if (host[1].revents & (POLLHUP | POLLERR | POLLNVAL))
        _exit(0);
}

void live_close(void) {
    stop_feeding();
    if (body_left == 0 && heard_size > 0) taken();
    live_flush();
    while (live_speaks() || !credit) {
        live_wait_for_host(live_speaks());
        live_flush();
    }
}
