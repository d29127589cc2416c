"""A library that an operator's setting loads must not make deep JSON fatal for the process that loads it."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from exam_api.installation import _chain
_chain("http://127.0.0.1:1", Path(sys.argv[1]), 1)
from credentials import canonical
from credentials.errors import Malformed
try:
    canonical.load('{"a":' * 100_000 + "1" + "}" * 100_000)
except Malformed as error:
    print(error)
"""


def test_deep_json_is_refused_also_where_a_chain_is_spoken_to(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("11" * 32)
    key.chmod(0o600)
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(key)], check=False, capture_output=True, text=True)
    assert (done.returncode, "nested deeper" in done.stdout) == (0, True), done.stderr[-2_000:]
