"""Model files: three places to find them, one hash that must fit, nothing fetched twice. All real, no network."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.models import ManifestError, ensure_models, is_checked, read_manifest

# Real models or real downloads: seconds, not milliseconds.
pytestmark = pytest.mark.slow

BYTES = b"weights " * 1000
DIGEST = hashlib.sha256(BYTES).hexdigest()
ROOT = Path(__file__).parents[2]


def manifest(root: Path, *, extra: str = "", file_extra: str = "", digest: str = DIGEST) -> Path:
    path = root / "models.toml"
    path.write_text(
        f'[toy]\nwhat = "does nothing"\nlicence = "CC0-1.0"\nneeded = true\n{extra}\n'
        f'[[toy.files]]\nname = "toy.bin"\nsha256 = "{digest}"\n{file_extra}\n',
        "utf-8",
    )
    return path


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is pip's whole world, holding one real wheel."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "toy_models-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("toy_models/toy.bin", BYTES)
        wheel.writestr("toy_models-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy-models\nVersion: 1.0\n")
        wheel.writestr(
            "toy_models-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("toy_models-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("INVIGIL_MODELS", raising=False)
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A public address, on this machine."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_local_folder_comes_first_and_the_second_time_costs_nothing(tmp_path: Path) -> None:
    manifest(tmp_path)
    local = tmp_path / "local"
    local.mkdir()
    (local / "toy.bin").write_bytes(BYTES)
    said: list[str] = []
    assert ensure_models(tmp_path, said.append, local=local) == {"toy": tmp_path / ".cache" / "models" / "toy"}
    assert "from the local folder, hash right" in said[-1]
    said.clear()
    (local / "toy.bin").unlink()
    assert ensure_models(tmp_path, said.append, local=local)["toy"] is not None
    assert said == []


def test_wrong_bytes_are_refused_and_the_model_is_absent(tmp_path: Path, wheels: Path) -> None:
    manifest(tmp_path)
    local = tmp_path / "local"
    local.mkdir()
    (local / "toy.bin").write_bytes(BYTES + b"!")
    said: list[str] = []
    assert ensure_models(tmp_path, said.append, local=local) == {"toy": None}
    assert "not the pinned ones" in said[-2]
    assert "Model toy is absent" in said[-1]
    assert "Switched off: does nothing." in said[-1]
    assert not list((tmp_path / ".cache").rglob("toy.bin*"))


def test_one_file_out_of_a_pinned_wheel(tmp_path: Path, wheels: Path) -> None:
    manifest(tmp_path, extra='package = "toy-models==1.0"', file_extra='wheel = "toy_models/toy.bin"')
    said: list[str] = []
    folder = ensure_models(tmp_path, said.append)["toy"]
    assert folder is not None
    assert (folder / "toy.bin").read_bytes() == BYTES
    assert "from package toy-models==1.0" in said[-1]
    assert {path.name for path in folder.iterdir()} == {"toy.bin", ".toy.bin.checked"}


def test_a_package_that_does_not_exist_is_a_sentence(tmp_path: Path, wheels: Path) -> None:
    manifest(tmp_path, extra='package = "toy-models==2.0"', file_extra='wheel = "toy_models/toy.bin"')
    said: list[str] = []
    assert ensure_models(tmp_path, said.append) == {"toy": None}
    assert any("toy-models==2.0 could not be downloaded" in line for line in said)


def test_public_address_comes_last_and_is_asked_once_a_day(
    tmp_path: Path, wheels: Path, site: tuple[str, Path]
) -> None:
    address, folder = site
    manifest(tmp_path, file_extra=f'url = "{address}/toy.bin"')
    said: list[str] = []
    assert ensure_models(tmp_path, said.append) == {"toy": None}
    assert any("does not answer" in line for line in said)
    (folder / "toy.bin").write_bytes(BYTES)
    said.clear()
    assert ensure_models(tmp_path, said.append) == {"toy": None}
    assert any("less than a day ago" in line for line in said)
    (tmp_path / ".cache" / "models" / "toy" / ".toy.bin.asked").unlink()
    assert ensure_models(tmp_path, said.append)["toy"] is not None


def test_a_file_damaged_later_is_noticed(tmp_path: Path, wheels: Path) -> None:
    manifest(tmp_path, extra='package = "toy-models==1.0"', file_extra='wheel = "toy_models/toy.bin"')
    folder = ensure_models(tmp_path, lambda _: None)["toy"]
    assert folder is not None
    file = folder / "toy.bin"
    file.write_bytes(BYTES[:-1])
    assert not is_checked(file, DIGEST)
    assert ensure_models(tmp_path, lambda _: None)["toy"] is not None
    assert file.read_bytes() == BYTES


def test_a_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    path.write_text(path.read_text("utf-8").replace("toy.bin", "../toy.bin"), "utf-8")
    with pytest.raises(ManifestError, match="plain name"):
        read_manifest(path)
    path.write_text('[toy]\nwhat = "x"\n', "utf-8")
    with pytest.raises(ManifestError, match="toy: 'files' is missing"):
        read_manifest(path)


def test_our_own_manifest_states_licence_and_source_of_every_file() -> None:
    models = {model.name: model for model in read_manifest(ROOT / "models.toml")}
    assert {name for name, model in models.items() if model.needed} == {
        "face_detector",
        "face_mesh",
        "minilm",
        "silero_vad",
    }
    for model in models.values():
        assert model.licence in {"Apache-2.0", "MIT"}
        for file in model.files:
            assert file.url is not None or (model.package is not None and file.wheel is not None)
