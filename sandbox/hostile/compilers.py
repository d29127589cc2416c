"""Rows 50 to 57: against compilers, and against what a virtual machine takes for granted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sandbox.hostile.probe import FAILED, FINE, FULL, LIMITS, NOT_COMPILED, OK, ROOMY, TIMED, Attempt, Probe
from sandbox.job import MIB, Outcome, Verdict

MAIN: Final = "int main(void) { return 0; }\n"
LOG_BYTES: Final = 160 * 1024  # both streams of the compiler, and our own sentence
WARNINGS: Final = f"#if __INCLUDE_LEVEL__ < 12\n#warning {'x' * 200}\n#include __FILE__\n#include __FILE__\n#endif\n"
MACROS: Final = "".join(f"#define A{n + 1} A{n} A{n}\n" for n in range(30))
# A name that starts with "@" names a file of options for gcc, which lets a wrapper of ours run every one of its steps.
OPTIONS: Final = b"-wrapper /usr/bin/python3,helper.py"
FORGE: Final = b"open('/work/.program', 'wb').write(b'#!/usr/bin/python3\\nprint(\"forged\")\\n'); os.chmod('/work/.program', 0o755)"
HELPER: Final = b"import os, sys, time\n" + FORGE + b"\n"
STAYING: Final = (
    b"""import os, sys, time
if os.fork() == 0:
    os.setsid()
    os.closerange(0, 256)
    while True:
        time.sleep(0.001)
        """
    + FORGE
    + b"""
if "x.c" in sys.argv: sys.exit(0)
os.execv(sys.argv[1], sys.argv[1:])
"""
)


def _short_log(outcome: Outcome) -> Iterator[str]:
    if len(outcome.compile_log.encode()) > LOG_BYTES:
        yield f"{len(outcome.compile_log.encode())} bytes of the compiler's words were kept"


def _public(outcome: Outcome) -> Iterator[str]:
    said = outcome.compile_log.encode() + outcome.runs[0].stdout
    secrets = [word for word in (b"INVIGIL", b"DOCKER", b"PASSWORD", b"root:$", b"HOSTNAME=") if word in said.upper()]
    if secrets:
        yield f"it read {secrets}: {said[:200]!r}"


def _own_program(outcome: Outcome) -> Iterator[str]:
    for one in outcome.runs:
        if one.verdict is not Verdict.COMPILE_ERROR and (b"forged" in one.stdout or b"OPEN" in one.stdout):
            yield f"{one.name}: said {one.stdout[:100]!r}"


def _reads(path: str) -> Attempt:
    """A compile error, or a file that is empty for a compiler: it asks for the size first, or its input is empty."""
    return Attempt(f'#include "{path}"\n{MAIN}', (*NOT_COMPILED, OK), b"", "c", check=_short_log, looks_around=False)


def _cpp(source: str) -> Attempt:
    return Attempt(source, NOT_COMPILED, b"", "cpp", check=_short_log, looks_around=False)


def _answer(outcome: Outcome) -> Iterator[str]:
    if outcome.runs[0].stdout.strip() != b"332833500":
        yield f"said {outcome.runs[0].stdout[:100]!r}"


PROBES: Final = (
    Probe(
        50,
        "include without end",
        "Include devices that never end, or wait for somebody to type.",
        "A compile error within the compiler's limits.",
        (
            *(replace(_reads(path), expected=NOT_COMPILED) for path in ("/dev/zero", "/dev/urandom", "/dev/tty")),
            *map(_reads, ("/dev/stdin", "/proc/self/fd/0")),
        ),
    ),
    Probe(
        51,
        "include a secret",
        "Let the compiler read passwords, environments and the supervisor into the program or the messages.",
        "The compiler sits in the same jail: there is nothing to read.",
        (
            replace(_reads("/etc/shadow"), expected=NOT_COMPILED),
            replace(_reads("/proc/self/environ"), check=_public),
            replace(_reads("/proc/1/environ"), check=_public),
            Attempt(
                """
                __asm__(".section .rodata\\nstolen: .incbin \\"/proc/1/environ\\"\\n.byte 0\\n.text\\n");
                extern const char stolen[];
                int main(void) { puts(stolen); }
                """,
                (*NOT_COMPILED, OK),
                None,
                "c",
                check=_public,
            ),
            Attempt(
                'fn main() { println!("{:?}", include_bytes!("/etc/shadow")); }\n', NOT_COMPILED, b"", "rust", ROOMY
            ),
            Attempt(
                'package main\nimport _ "embed"\n//go:embed /etc/passwd\nvar stolen string\nfunc main() { println(stolen) }\n',
                NOT_COMPILED,
                b"",
                "go",
                ROOMY,
            ),
        ),
    ),
    Probe(
        52,
        "programs that explode",
        "Grow without bound while compiling: macros, templates, constants, a program of a quarter of a gigabyte.",
        "A compile error within the compiler's limits of time, memory and disk.",
        (
            Attempt(f"char hoard[1 << 28] = {{1}};\n{MAIN}", NOT_COMPILED, b"", "c", looks_around=False),
            Attempt(
                f"#define A0 + 1\n{MACROS}int big = 0 A30;\n{MAIN}",
                NOT_COMPILED,
                b"",
                "c",
                check=_short_log,
                looks_around=False,
            ),
            _cpp("template <int n> struct F { static const int v = F<n + 1>::v; };\nint main() { return F<0>::v; }\n"),
            Attempt(
                "type F<N extends 1[]> = F<[...N, 1]>;\nlet x: F<[]>;\n", (*NOT_COMPILED, OK), None, "typescript", ROOMY
            ),
            Attempt(
                'const V: u64 = { let mut n = 0; loop { n ^= 1; } };\nfn main() { println!("{}", V); }\n',
                NOT_COMPILED,
                b"",
                "rust",
                ROOMY,
            ),
            _cpp(
                "constexpr int f() { for (int n = 0;; n = n ^ 1) {} }\nconstexpr int v = f();\nint main() { return v; }\n"
            ),
        ),
    ),
    Probe(
        53,
        "a gigabyte of warnings",
        "Make the compiler warn without end.",
        "What is kept of the messages is short, whether it compiles or not.",
        (
            Attempt(
                f"{WARNINGS}#if __INCLUDE_LEVEL__ == 0\n{MAIN}#endif\n",
                (*NOT_COMPILED, OK),
                b"",
                "c",
                check=_short_log,
                looks_around=False,
            ),
        ),
    ),
    Probe(
        54,
        "options for the compiler",
        "Smuggle options, plug-ins and build scripts to the compiler through names and sources.",
        "What runs, runs only inside the jail, and the program that is kept is the compiler's.",
        (
            Attempt(
                'int main(void) { puts("held"); }\n',
                (*NOT_COMPILED, OK),
                None,
                "c",
                files={"@x.c": b"int unused;\n", "x.c": OPTIONS, "helper.py": HELPER},
                check=_own_program,
            ),
            Attempt(
                '#pragma GCC plugin "/work/x.so"\n#pragma GCC optimize("plugin=/work/x.so")\nint main(void) { puts("held"); }\n',
                (*NOT_COMPILED, OK),
                None,
                "c",
                files={
                    "x.so": b"no plugin",
                    "specs": b"*cc1:\n+ -fplugin=/work/x.so\n",
                    "cc1": b"#!/bin/sh\necho OPEN\n",
                },
                check=_own_program,
            ),
            Attempt(
                'package main\n// #cgo CFLAGS: -fplugin=/work/x.so\n// #cgo LDFLAGS: -Wl,--version-script=/etc/shadow\nimport "C"\nfunc main() {}\n',
                NOT_COMPILED,
                b"",
                "go",
                ROOMY,
            ),
        ),
    ),
    Probe(
        55,
        "a helper that stays",
        "Leave a process behind while compiling that swaps the program later.",
        "It is killed when compiling ends, before the program is taken.",
        (
            Attempt(
                'int main(void) { puts("held"); }\n',
                (*NOT_COMPILED, OK),
                None,
                "c",
                files={"@x.c": b"int unused;\n", "x.c": OPTIONS, "helper.py": STAYING},
                ways=("one", "two"),
                check=_own_program,
            ),
        ),
    ),
    Probe(
        56,
        "code made at run time",
        "Write machine code into memory and run it, as virtual machines do.",
        "It works as usual.",
        (
            Attempt(
                r"""
                int main(void) {
                #if defined __x86_64__
                    const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
                #elif defined __aarch64__
                    const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
                #endif
                    void *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                    memcpy(area, code, sizeof code);
                    __builtin___clear_cache((char *)area, (char *)area + sizeof code);
                    if (mprotect(area, 4096, PROT_READ | PROT_EXEC) == 0 && ((int (*)(void))area)() == 42) puts("held");
                }
                """,
                language="c",
            ),
            Attempt(
                "let s = 0;\nfor (let r = 0; r < 50; r++) { s = 0; for (let i = 0; i < 1000; i++) s += i * i; }\nconsole.log(s);\n",
                FINE,
                None,
                "javascript",
                ROOMY,
                check=_answer,
            ),
            Attempt(
                """
                public class Main {
                    static long sum() { long s = 0; for (int i = 0; i < 1000; i++) s += (long) i * i; return s; }
                    public static void main(String[] args) {
                        long s = 0;
                        for (int r = 0; r < 20000; r++) s = sum();
                        System.out.println(s);
                    }
                }
                """,
                FINE,
                None,
                "java",
                ROOMY,
                check=_answer,
            ),
        ),
    ),
    Probe(
        57,
        "virtual machine in a small room",
        "Run a virtual machine with far too little memory, and take all there is.",
        "The program's fault, never the sandbox's.",
        (
            Attempt(
                "print(len(list(range(10 ** 7))))\n",
                (*FULL, *FAILED),
                b"",
                limits=replace(LIMITS, memory_bytes=6 * MIB),
                looks_around=False,
            ),
            Attempt(
                "const hoard = [];\nfor (;;) hoard.push(new Array(1 << 16).fill(1));\n",
                (*FULL, *FAILED, *TIMED),
                None,
                "javascript",
                replace(ROOMY, memory_bytes=64 * MIB),
            ),
            Attempt(
                """
                import java.util.ArrayList;
                public class Main {
                    public static void main(String[] args) {
                        var hoard = new ArrayList<byte[]>();
                        while (true) hoard.add(new byte[1 << 20]);
                    }
                }
                """,
                (*FULL, *FAILED, *TIMED),
                None,
                "java",
                replace(ROOMY, memory_bytes=96 * MIB),
            ),
        ),
    ),
)
