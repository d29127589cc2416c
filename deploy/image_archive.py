"""A root as an image archive that an engine can load, with nothing in it that depends on the moment. Standard library only."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CREATED = "2026-01-01T00:00:00Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Description:
    """What an image says about itself: its family, and the versions of the tools in it."""

    family: str
    tools: dict[str, str] = field(default_factory=dict)

    def labels(self) -> dict[str, str]:
        said = json.dumps(self.tools, sort_keys=True)
        return {"org.invigil.runner": "1", "org.invigil.family": self.family, "org.invigil.tools": said}

    def config(self) -> dict[str, Any]:
        """The container's part of an image configuration (OCI image specification)."""
        return {"Entrypoint": ["/supervisor"], "User": "65534:65534", "WorkingDir": "/work", "Labels": self.labels()}


def archive(description: Description, root: Path, names: tuple[str, ...], to: Path) -> Path:
    """The root's tar and its description in one file, as `docker load` takes it."""
    layer = digest_of(root)
    config = {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": CREATED,
        "config": description.config(),
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        "history": [{"created": CREATED, "created_by": "invigil"}],
    }
    text = json.dumps(config, sort_keys=True).encode()
    digest = hashlib.sha256(text).hexdigest()
    manifest = [{"Config": f"{digest}.json", "RepoTags": list(names), "Layers": [f"{layer}/layer.tar"]}]
    with tarfile.open(to, "w") as tar:
        for name, data in ((f"{digest}.json", text), ("manifest.json", json.dumps(manifest).encode())):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        entry = tarfile.TarInfo(f"{layer}/layer.tar")
        entry.size = root.stat().st_size
        with root.open("rb") as file:
            tar.addfile(entry, file)
    return to


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
