"""What lies on the disk belongs to the platform's own account alone."""

import os
import subprocess
from pathlib import Path

import pytest

from exam_api.operations.postgres import FolderNotOurs, own_folder
from exam_api.operations.supervisor import Supervisor


def test_the_socket_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "run")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert own_folder(folder) == folder


def test_a_socket_folder_that_another_could_change_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("open", "link"):
        with pytest.raises(FolderNotOurs):
            own_folder(tmp_path / name)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_socket_folder_of_another_account_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    subprocess.run(["chown", "65534", str(tmp_path / "theirs")], check=True)
    with pytest.raises(FolderNotOurs):
        own_folder(tmp_path / "theirs")


def test_logs_are_for_operators_only(tmp_path: Path) -> None:
    Supervisor(tmp_path, {}, web_workers=1)
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
