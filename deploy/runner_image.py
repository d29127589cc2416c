"""Builds the image that candidates' programs run in. Standard library only.

From a registry's slim base where the engine can pull one, else from Debian packages with mmdebstrap: the same content.
`python3 deploy/runner_image.py --docker unix:///path/docker.sock` prints the image's name.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that this file also works as a script

from deploy.engine import Say, ask, connect, install  # noqa: E402 - needs the line above

SOURCES = ROOT / "sandbox" / "images"
PACKAGES = ("python3", "gcc", "libc6-dev")
REPOSITORY = "invigil-runner"
CURRENT = f"{REPOSITORY}:current"
CONFIG = ('ENTRYPOINT ["/supervisor"]', "USER 65534:65534", "WORKDIR /work", "LABEL org.invigil.runner=1")
PULL_SILENCE_SECONDS = 10.0  # a registry that says nothing for so long is taken for absent
LEFT_OUT = ("doc", "man", "info", "locale")


class ImageFailed(Exception):
    """The runner image could not be built."""


@dataclass(frozen=True)
class Base:
    """The distribution the image is made from: this machine's own, because its package sources work here."""

    image: str
    suite: str
    lists: tuple[str, ...]


def host_base(os_release: Path = Path("/etc/os-release"), apt: Path = Path("/etc/apt")) -> Base:
    """Debian or Ubuntu as on this machine; plain Debian 12 elsewhere."""
    pairs = (line.split("=", 1) for line in os_release.read_text().splitlines() if "=" in line)
    facts = {key: value.strip('"') for key, value in pairs}
    name, suite = facts.get("ID", ""), facts.get("VERSION_CODENAME", "")
    if name not in ("debian", "ubuntu") or not suite:
        return Base("debian:bookworm-slim", "bookworm", ())
    own = (apt / "sources.list.d" / f"{name}.sources", apt / "sources.list")
    lists = tuple(str(one) for one in own if one.exists() and one.stat().st_size > 0)
    return Base(f"debian:{suite}-slim" if name == "debian" else f"ubuntu:{suite}", suite, lists)


def image_name(base: Base) -> str:
    """`invigil-runner:<hash>` of everything that decides the image's content."""
    digest = hashlib.sha256(repr((base.suite, PACKAGES, CONFIG)).encode())
    for path in sorted(path for path in SOURCES.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{REPOSITORY}:{digest.hexdigest()[:16]}"


def ensure_image(docker_host: str, say: Say = print) -> str:
    """Build the image unless it is there; its name. Raises `ImageFailed` with what to do. Safe to repeat."""
    base = host_base()
    name = image_name(base)
    if ask(docker_host, f"/images/{name}/json")[0] != 200:
        started = time.monotonic()
        if not _from_registry(docker_host, base, name, say):
            _from_packages(docker_host, base, name, say)
        say(f"runner image {name} built in {time.monotonic() - started:.0f} s")
    _post(docker_host, f"/images/{name}/tag", {"repo": REPOSITORY, "tag": "current"})
    return name


def _from_registry(docker_host: str, base: Base, name: str, say: Say) -> bool:
    """Build on a pulled base. False when no registry answers, or the build cannot reach its packages."""
    if ask(docker_host, f"/images/{quote(base.image)}/json")[0] != 200:
        say(f"asking the engine's registry for {base.image}")
        try:
            image, _, tag = base.image.partition(":")
            _post(docker_host, "/images/create", {"fromImage": image, "tag": tag}, timeout=PULL_SILENCE_SECONDS)
        except (OSError, ImageFailed) as error:
            say(
                "no image registry answers"
                if isinstance(error, ImageFailed)
                else f"no image registry answers ({error})"
            )
            return False
    say(f"building the runner image on {base.image}")
    query = [("t", name), ("networkmode", "host"), ("rm", "1"), ("forcerm", "1")]
    try:
        _post(docker_host, "/build", query, body=_context(base), kind="application/x-tar", timeout=600)
    except (OSError, ImageFailed) as error:
        say(f"that build failed, trying packages instead ({str(error)[-200:]})")
        return False
    return True


def _context(base: Base) -> Iterator[bytes]:
    """The build context: a Dockerfile, the sources and the finishing script, as a tar."""
    get = f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {' '.join(PACKAGES)}"
    lines = [f"FROM {base.image}", "COPY images/supervisor /tmp/supervisor", "COPY images/finish.sh /finish.sh",
             f"RUN {get} && sh /finish.sh / && rm /finish.sh", *CONFIG]  # fmt: skip
    recipe = "\n".join(lines).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(recipe)
        tar.addfile(entry, io.BytesIO(recipe))
        tar.add(SOURCES, "images")
    yield out.getvalue()


def _from_packages(docker_host: str, base: Base, name: str, say: Say) -> None:
    """Make the root with mmdebstrap and hand it to the engine as one layer."""
    if not shutil.which("mmdebstrap"):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise ImageFailed(
                "No image registry answers and mmdebstrap is missing: `sudo apt-get install mmdebstrap`, then try again."
            )
        install(("mmdebstrap",), say)
    say(f"making the runner image from {base.suite} packages (half a minute)")
    with tempfile.TemporaryDirectory(prefix="invigil-image-", dir="/var/tmp") as folder:
        tar = Path(folder) / "root.tar"
        done = subprocess.run(_mmdebstrap(base, tar), check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise ImageFailed(f"mmdebstrap failed; check the package sources in /etc/apt:\n{done.stderr[-1500:]}")
        say(f"handing {tar.stat().st_size >> 20} MiB to the engine")
        query = [
            ("fromSrc", "-"),
            ("repo", REPOSITORY),
            ("tag", name.partition(":")[2]),
            *(("changes", line) for line in CONFIG),
        ]
        _post(docker_host, "/images/create", query, body=_pieces(tar), kind="application/x-tar", timeout=300)


def _mmdebstrap(base: Base, tar: Path) -> list[str]:
    leave_out = [f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in LEFT_OUT]
    hooks = [
        f"--customize-hook=copy-in {SOURCES / 'supervisor'} /tmp",
        f'--customize-hook=sh {SOURCES / "finish.sh"} "$1"',
    ]
    return ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(PACKAGES)}", *_apt_options(), *leave_out, *hooks,
            base.suite, str(tar), *base.lists]  # fmt: skip


def _apt_options() -> list[str]:
    """How this machine's apt reaches its mirror (proxies, certificates): mmdebstrap does not read it by itself."""
    said = (
        subprocess.run(["apt-config", "dump"], check=False, capture_output=True, text=True).stdout
        if shutil.which("apt-config")
        else ""
    )
    wanted = ("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Retries")
    lines = [line for line in said.splitlines() if line.startswith(wanted) and not line.endswith('"";')]
    return [f"--aptopt={line}" for line in (*lines, 'Acquire::Languages "none"')]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _post(
    docker_host: str,
    path: str,
    query: dict[str, str] | list[tuple[str, str]],
    *,
    body: Iterator[bytes] | None = None,
    kind: str = "application/json",
    timeout: float = 30.0,
) -> None:
    """POST and read the engine's progress to its end. `timeout` is the longest silence. Raises ImageFailed or OSError."""
    link = connect(docker_host, timeout)
    try:
        link.request(
            "POST",
            f"{path}?{urlencode(query)}",
            body=body,
            headers={"Content-Type": kind},
            encode_chunked=body is not None,
        )
        answer = link.getresponse()
        lines = answer.read().decode(errors="replace").splitlines()
    finally:
        link.close()
    if answer.status >= 300:
        raise ImageFailed(f"the engine answered {answer.status}: {' '.join(lines)[:500]}")
    for line in lines:
        if line.startswith("{") and (error := json.loads(line).get("error")):
            raise ImageFailed(str(error))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--docker", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"), help="the engine's address"
    )
    try:
        print(ensure_image(parser.parse_args().docker, say=lambda line: print(line, file=sys.stderr)))
    except (ImageFailed, OSError) as error:
        print(f"{ImageFailed.__doc__} {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
