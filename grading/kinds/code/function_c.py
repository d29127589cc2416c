"""Function mode in C: the caller is written for the function's types, because C cannot look at a value and tell.

The types are those of the exercise: `int`, `long`, `double`, `bool` and `text`, and arrays of the numbers (`int[]`), which
a function takes as a pointer and a number of entries. It returns one of the plain types, or `void`.
"""

from __future__ import annotations

from typing import Any, Literal

Fits = Literal["", "whole", "number", "truth", "text"]

PLAIN = {"int": "int ", "long": "long ", "double": "double ", "bool": "bool ", "text": "const char *"}
ARRAYS = {"int[]": "int ", "long[]": "long ", "double[]": "double "}
ARGUMENTS = (*PLAIN, *ARRAYS)
RETURNS = (*PLAIN, "void")
BITS = {"int": 31, "long": 63}

_CALLER = r"""/* Calls the function in main.c and tells its value. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-function"

@prototype@;

static char *invigil_at;

static void invigil_lost(void) {
    dprintf(2, "the arguments cannot be read\n");
    _exit(1);
}

static void invigil_take(char sign) {
    while (*invigil_at == ' ') invigil_at++;
    if (*invigil_at++ != sign) invigil_lost();
}

static bool invigil_is(char sign) {
    while (*invigil_at == ' ') invigil_at++;
    return *invigil_at == sign;
}

static long invigil_long(void) { return strtol(invigil_at, &invigil_at, 10); }
static int invigil_int(void) { return (int)invigil_long(); }
static double invigil_double(void) { return strtod(invigil_at, &invigil_at); }

static bool invigil_bool(void) {
    bool is = invigil_is('t');
    invigil_at += is ? 4 : 5;
    return is;
}

static unsigned invigil_hex(void) {
    char digits[5] = {0};
    memcpy(digits, invigil_at, 4);
    invigil_at += 4;
    return (unsigned)strtoul(digits, NULL, 16);
}

static char *invigil_utf8(char *to, unsigned sign) {
    if (sign < 0x80) return *to = (char)sign, to + 1;
    int more = sign < 0x800 ? 1 : sign < 0x10000 ? 2 : 3;
    static const unsigned char FIRST[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (char)(FIRST[more] | sign >> 6 * more);
    while (more--) *to++ = (char)(0x80 | (sign >> 6 * more & 0x3f));
    return to;
}

static const char *invigil_text(void) {
    invigil_take('"');
    char *text = malloc(strlen(invigil_at) + 1), *to = text;
    while (*invigil_at != '"') {
        char sign = *invigil_at++;
        if (sign == 0) invigil_lost();
        if (sign != '\\') {
            *to++ = sign;
            continue;
        }
        sign = *invigil_at++;
        if (sign != 'u') {
            static const char NAMES[] = "bfnrt", SIGNS[] = "\b\f\n\r\t";
            const char *found = strchr(NAMES, sign);
            *to++ = found ? SIGNS[found - NAMES] : sign;
            continue;
        }
        unsigned code = invigil_hex();
        if (code >= 0xd800 && code < 0xdc00) {
            invigil_at += 2;
            code = 0x10000 + ((code - 0xd800) << 10) + (invigil_hex() - 0xdc00);
        }
        to = invigil_utf8(to, code);
    }
    invigil_at++;
    *to = 0;
    return text;
}

#define INVIGIL_ARRAY(TYPE)                                                                          \
    static TYPE *invigil_##TYPE##_array(int *count) {                                                \
        invigil_take('[');                                                                           \
        TYPE *found = malloc((strlen(invigil_at) + 1) * sizeof(TYPE));                               \
        for (*count = 0; !invigil_is(']'); invigil_is(',') ? invigil_take(',') : (void)0)            \
            found[(*count)++] = invigil_##TYPE();                                                    \
        invigil_take(']');                                                                           \
        return found;                                                                                \
    }
INVIGIL_ARRAY(int)
INVIGIL_ARRAY(long)
INVIGIL_ARRAY(double)

static int invigil_channel;

static void invigil_tell(const char *form, const char *kind, const char *value) {
    fflush(stdout);
    dprintf(invigil_channel, "\x1einvigil {\"value\": ");
    dprintf(invigil_channel, form, kind, value);
    dprintf(invigil_channel, "}\n");
}

static void invigil_tell_long(long value) {
    char text[32];
    unsigned long size = value < 0 ? 0ul - (unsigned long)value : (unsigned long)value;
    snprintf(text, sizeof text, "%s0x%lx", value < 0 ? "-" : "", size);
    invigil_tell("{\"%s\": \"%s\"}", "int", text);
}
static void invigil_tell_int(int value) { invigil_tell_long(value); }
static void invigil_tell_bool(bool value) { invigil_tell("%s%s", "", value ? "true" : "false"); }
static void invigil_tell_double(double value) {
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    invigil_tell("{\"%s\": \"%s\"}", "float", text);
}
static void invigil_tell_text(const char *value) {
    if (!value) {
        invigil_tell("%s%s", "", "null");
        return;
    }
    char *text = malloc(6 * strlen(value) + 1), *to = text;
    for (; *value; value++)
        if ((unsigned char)*value < 0x20 || *value == '"' || *value == '\\') to += sprintf(to, "\\u%04x", *value);
        else *to++ = *value;
    *to = 0;
    invigil_tell("%s\"%s\"", "", text);
}

int main(void) {
    size_t size = 0, room = 65536;
    char *asked = malloc(room + 1);
    for (ssize_t got; (got = read(0, asked + size, room - size)) > 0;) {
        size += (size_t)got;
        if (size == room) asked = realloc(asked, (room *= 2) + 1);
    }
    asked[size] = 0;
    invigil_at = strstr(asked, "\"args\":");
    if (!invigil_at) invigil_lost();
    invigil_at += 7;
    invigil_channel = dup(1);
    dup2(2, 1);
    invigil_take('[');
@arguments@
    @call@
    _exit(0);
}
"""


def prototype(name: str, arguments: tuple[str, ...], returns: str) -> str:
    """The function's declaration, as the candidate has to define it."""
    taken = [part for at, kind in enumerate(arguments, 1) for part in _taken(kind, at)]
    result = "void " if returns == "void" else PLAIN[returns]
    return f"{result}{name}({', '.join(taken) or 'void'})"


def _taken(kind: str, at: int) -> tuple[str, ...]:
    if kind in ARRAYS:
        return (f"{ARRAYS[kind]}*values{at}", f"int count{at}")
    return (f"{PLAIN[kind]}value{at}",)


def caller(name: str, arguments: tuple[str, ...], returns: str) -> str:
    lines, given = [], []
    for at, kind in enumerate(arguments, 1):
        if at > 1:
            lines.append("    invigil_take(',');")
        lines.append("    while (*invigil_at == ' ') invigil_at++;")
        if kind in ARRAYS:
            plain = kind.removesuffix("[]")
            lines.append(f"    int count{at};\n    {plain} *value{at} = invigil_{plain}_array(&count{at});")
            given += [f"value{at}", f"count{at}"]
        else:
            lines.append(f"    {PLAIN[kind]}value{at} = invigil_{kind}();")
            given.append(f"value{at}")
    call = f"{name}({', '.join(given)})"
    told = (
        f'{call};\n    invigil_tell("%s%s", "", "null");' if returns == "void" else f"invigil_tell_{returns}({call});"
    )
    text = _CALLER.replace("@prototype@", prototype(name, arguments, returns))
    return text.replace("@arguments@", "\n".join(lines)).replace("@call@", told)


def fits(value: Any, kind: str) -> bool:
    """Whether an argument or a result that an author wrote is of that type."""
    if kind in ARRAYS:
        return isinstance(value, list) and all(fits(each, kind.removesuffix("[]")) for each in value)
    if kind == "void":
        return value is None
    if kind in BITS:
        return isinstance(value, int) and not isinstance(value, bool) and -(2 ** BITS[kind]) <= value < 2 ** BITS[kind]
    if kind == "double":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool) if kind == "bool" else isinstance(value, str)
