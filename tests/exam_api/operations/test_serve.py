"""Web processes share an address with each other, and with nobody else."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exam_api.operations.serve import AddressTaken, check_free, open_door
from exam_api.operations.supervisor import Supervisor

HERE = "127.0.0.1"


def test_two_processes_share_a_port_and_a_third_party_is_noticed() -> None:
    with open_door(HERE, 0, shared=True) as first:
        port = first.getsockname()[1]
        check_free(HERE, port + 1 if port < 65535 else port - 1)
        with open_door(HERE, port, shared=True) as second:
            first.listen()
            second.listen()
            with pytest.raises(AddressTaken, match=f"Port {port} .* INVIGIL_PORT"):
                check_free(HERE, port)
    check_free(HERE, port)


def test_what_a_killed_supervisor_left_is_ended_and_strangers_are_not(tmp_path: Path) -> None:
    ours = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", "exam_api.cli"], start_new_session=True
    )
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    supervisor = Supervisor(tmp_path, {}, web_workers=1)
    (tmp_path / "processes").write_text(f"web-1 {ours.pid}\nweb-2 {stranger.pid}\nworker 999999999\n")
    time.sleep(0.2)  # until both are what their command line says
    try:
        supervisor.end_leftovers()
        assert ours.wait(5) == -9
        assert stranger.poll() is None
        supervisor.end_leftovers()  # nothing noted any more
    finally:
        stranger.kill()
        stranger.wait()
        if ours.poll() is None:
            os.kill(ours.pid, 9)
