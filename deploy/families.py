"""What each runner image is made of. Standard library only: it is read before the virtual environment exists.

A family is an image for languages that share their tools; a program meets no interpreter that its language does not need.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """`packages` are the distribution's; `scripts` are files of sandbox/images/scripts; `steps` are shell lines that run
    in the finished root, before everything superfluous is taken away.
    """

    name: str
    packages: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


NATIVE = Family("native", ("gcc", "g++", "libc6-dev"))  # its compiler also builds the supervisor of all the others
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        NATIVE,
        Family("python", ("python3",), ("sql",)),
        Family("node", ("nodejs", "node-typescript", "esbuild"), ("javascript", "typescript", "node.d.ts")),
        # The archive of loaded classes halves the start of the virtual machine; made on one core,
        # without a compiler and at fixed addresses it is always the same.
        Family(
            "java",
            ("default-jdk-headless",),
            ("java",),
            ("setarch -R taskset -c 0 java -Xshare:dump -XX:+UseSerialGC -Xint > /dev/null",),
        ),
        Family("go", ("golang-go",), ("go",)),
        Family("rust", ("rustc", "gcc", "libc6-dev")),
        Family("shell", ("bash", "coreutils", "sed", "grep", "mawk", "bc")),
    )
}
AT_ONCE = ("native", "python", "node")  # set-up makes these; the others are made when they are first needed
