"""A stranger's PDF is read in a process of its own, which may use so much time and memory and knows no secret of ours.

PDF has more ways to say little and mean much than any reader has limits: a thousand bytes can keep one busy for a minute.
"""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Literal, cast

from credentials.errors import Malformed
from credentials.forms import formats
from credentials.forms.formats import Opened

SECONDS = 4  # of a processor; our own takes a tenth of one, most of it to start
MEMORY = 512 * 2**20  # bytes of address space
PATIENCE = 20  # seconds on the clock, on a busy machine
AT_ONCE = 2
WAITING = 8  # more are refused: whoever is the ninth would wait for longer than for another try


class TooMuch(Malformed):
    """The PDF used up the time or the memory that one may."""

    def __init__(self) -> None:
        super().__init__("the PDF takes longer to read than any certificate does")


class Busy(Exception):
    """As many PDFs as may are waiting to be read."""


class Desk:
    """Where PDFs are read: in threads of their own, for those of the process's common pool have other work to do."""

    def __init__(self, waiting: int = WAITING) -> None:
        self.most = AT_ONCE + waiting
        self.threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pdf")
        self.here = 0  # at work and waiting

    async def read(self, content: bytes) -> Opened:
        """Raises Malformed, `Busy`."""
        if self.here >= self.most:
            raise Busy
        self.here += 1
        # Counted until it is read, even where nobody waits for the answer any more.
        reading = asyncio.get_running_loop().run_in_executor(self.threads, _ask, content)
        reading.add_done_callback(self._done)
        return await asyncio.shield(reading)

    def _done(self, reading: asyncio.Future[Opened]) -> None:
        self.here -= 1
        if not reading.cancelled():
            reading.exception()  # was told to whoever still waited


@lru_cache(maxsize=1)
def desk() -> Desk:
    """The one of this process."""
    return Desk()


async def open_file(content: bytes) -> Opened:
    """As `formats.open_file`. Raises Malformed, `TooMuch` among it, `Busy`."""
    if formats.recognise(content) != "pdf":
        return await asyncio.to_thread(formats.open_file, content)
    return await desk().read(content)


def _ask(content: bytes) -> Opened:
    try:
        done = subprocess.run(  # noqa: S603  (our own program; the file is its input, never its command)
            [sys.executable, "-m", __name__, str(SECONDS)],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired as error:
        raise TooMuch from error
    if done.returncode == 1 and done.stdout:
        raise Malformed(done.stdout.decode())
    if done.returncode != 0:
        raise TooMuch
    kind, _, inner = done.stdout.partition(b"\n")
    return Opened(cast(Literal["json", "sd-jwt", "jwt"], kind.decode()), inner, "pdf")


def main() -> int:
    """Read a file, write what stood in it; 1 and a sentence where it is refused."""
    import resource  # here alone: no other system than those we run on has it

    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        opened = formats.open_file(sys.stdin.buffer.read())
    except Malformed as error:
        sys.stdout.write(str(error))
        return 1
    sys.stdout.buffer.write(opened.kind.encode() + b"\n" + opened.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
