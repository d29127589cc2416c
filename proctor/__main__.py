"""`python -m proctor analyse VIDEO|FOLDER`: what the cameras, microphones and rules make of a recording, without a server.

Exit code 0: analysed; 2: something cannot be used, said in one sentence on standard error; 130: stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from proctor.errors import ProctorError


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        from proctor import command  # seconds of loading, in which somebody may press Ctrl-C already

        return command.run(arguments, datetime.now(UTC))
    except KeyboardInterrupt:
        print("Stopped; nothing was written.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read along has seen enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ProctorError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
