"""Builds the images that candidates' programs run in, one for each family of languages. Standard library only.

From Debian packages with mmdebstrap, the same content for the same packages: the tar is sorted and dated, and the image's
description is written here. Where mmdebstrap cannot be had, on a registry's slim base. `python3 deploy/runner_image.py
[FAMILY …] [--all]` builds what is missing and prints the images' names.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that this file also works as a script

from deploy.engine import Say, ask, install  # noqa: E402 - needs the line above
from deploy.families import AT_ONCE, FAMILIES, NATIVE, Family  # noqa: E402
from deploy.image_archive import Description, archive, pieces  # noqa: E402
from deploy.image_engine import ImageFailed, build_on_base, extract, post, tag  # noqa: E402

__all__ = ["ImageFailed", "ensure_images", "image_name"]

SOURCES = ROOT / "sandbox" / "images"
PREFIX = "invigil-runner"
EPOCH = "1750000000"  # every file's date, so that the same packages make the same image
LEFT_OUT = ("doc", "man", "info", "locale")
CACHE = ROOT / ".cache" / "runner"
# A package such as "gcc" only names the one that holds the compiler.
BEHIND = re.compile(r"(gcc|g\+\+)-\d+|python3\.\d+|openjdk-\d+-jre-headless|golang-[\d.]+-go|libsqlite3-0")


@dataclass(frozen=True)
class Base:
    """The distribution an image is made from: this machine's own, because its package sources work here."""

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


def image_name(base: Base, family: Family) -> str:
    """`invigil-runner-FAMILY:<hash>` of everything that decides the image's content, but for the packages' versions."""
    digest = hashlib.sha256(repr((base.suite, family, Description(family.name).config())).encode())
    scripts = [SOURCES / "scripts" / one for one in family.scripts]
    recipe = [Path(__file__), Path(__file__).with_name("image_archive.py")]
    for path in sorted([*(SOURCES / "supervisor").iterdir(), SOURCES / "finish.sh", *scripts, *recipe]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{PREFIX}-{family.name}:{digest.hexdigest()[:16]}"


def ensure_images(docker_host: str, families: tuple[str, ...] = AT_ONCE, say: Say = print) -> tuple[str, ...]:
    """Build what is missing; the names. Raises `ImageFailed` with what to do.

    Safe to repeat, to interrupt, and to run twice at once: the second waits.
    """
    names = [image_name(host_base(), FAMILIES[name]) for name in families]
    if all(_is_there(docker_host, name) for name in names):  # nobody waits for a build that makes something else
        return tuple(_tagged(docker_host, name) for name in names)
    with _alone():
        return tuple(_ensure(docker_host, FAMILIES[name], say) for name in families)


def _is_there(docker_host: str, name: str) -> bool:
    return ask(docker_host, f"/images/{name}/json")[0] == 200


def _tagged(docker_host: str, name: str) -> str:
    tag(docker_host, name)
    return name


@contextmanager
def _alone() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure(docker_host: str, family: Family, say: Say) -> str:
    """One image, called `invigil-runner-FAMILY:current` in the end; its name by content."""
    base = host_base()
    name = image_name(base, family)
    if not _is_there(docker_host, name):
        started = time.monotonic()
        say(f"making the runner image for {family.name} ({', '.join(family.packages)})")
        if _has_mmdebstrap(say):
            _from_packages(docker_host, base, family, name, say)
        else:
            build_on_base(docker_host, base.image, family, SOURCES, name, say)
        say(f"runner image {name} made in {time.monotonic() - started:.0f} s")
    return _tagged(docker_host, name)


def _has_mmdebstrap(say: Say) -> bool:
    if shutil.which("mmdebstrap"):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    install(("mmdebstrap",), say)
    return True


def _from_packages(docker_host: str, base: Base, family: Family, name: str, say: Say) -> None:
    """Make the root with mmdebstrap, describe it, and hand both to the engine."""
    supervisor = None if family is NATIVE else _supervisor(docker_host, say)
    with tempfile.TemporaryDirectory(prefix="invigil-image-", dir="/var/tmp") as folder:
        tar, versions = Path(folder) / "root.tar", Path(folder) / "versions"
        command = _mmdebstrap(base, family, tar, versions, supervisor)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise ImageFailed(f"mmdebstrap failed; check the package sources in /etc/apt:\n{done.stderr[-1500:]}")
        described = Description(family.name, tools(family, versions.read_text()))
        whole = archive(described, tar, (name,), Path(folder) / "image.tar")
        say(f"handing {whole.stat().st_size >> 20} MiB to the engine")
        post(docker_host, "/images/load", body=pieces(whole), kind="application/x-tar", timeout=300)
    if family is NATIVE:
        _keep(extract(docker_host, name, "supervisor"))


def tools(family: Family, listing: str) -> dict[str, str]:
    """The versions of the family's packages, out of lines "NAME VERSION", and of what they stand for ("gcc-12")."""
    found = dict(line.split(" ", 1) for line in listing.splitlines() if " " in line)
    return {
        name: found[name] for name in sorted(found) if name in {*family.packages, "libc6"} or BEHIND.fullmatch(name)
    }


def _supervisor(docker_host: str, say: Say) -> Path:
    """The one supervisor of all images, built in the native one."""
    kept = _kept()
    if not kept.exists():
        native = _ensure(docker_host, NATIVE, say)
        if not kept.exists():
            _keep(extract(docker_host, native, "supervisor"))
    return kept


def _kept() -> Path:
    digest = hashlib.sha256()
    for path in sorted((SOURCES / "supervisor").iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return CACHE / f"supervisor-{digest.hexdigest()[:16]}"


def _keep(binary: bytes) -> None:
    coming = CACHE / f"coming-{os.getpid()}"
    coming.write_bytes(binary)
    coming.replace(_kept())


def _mmdebstrap(base: Base, family: Family, tar: Path, versions: Path, supervisor: Path | None) -> list[str]:
    leave_out = [f"--dpkgopt=path-exclude=/usr/share/{one}/*" for one in LEFT_OUT]
    scripts = [f"upload {SOURCES / 'scripts' / one} /usr/lib/invigil/{one}" for one in family.scripts]
    compiled = [
        f"copy-in {SOURCES / 'supervisor'} /tmp",
        'chroot "$1" sh -c "gcc -O2 -std=gnu17 -Wall -Wextra -Werror -static -s -o /supervisor /tmp/supervisor/*.c"',
    ]
    hooks = [
        'mkdir -p "$1/usr/lib/invigil"',
        *(compiled if supervisor is None else [f"upload {supervisor} /supervisor"]),
        *scripts,
        *(f"chroot \"$1\" sh -c '{step}'" for step in family.steps),
        f'chroot "$1" dpkg-query -W -f "\\${{Package}} \\${{Version}}\\n" > {versions}',
        f'sh {SOURCES / "finish.sh"} "$1"',
    ]
    # Packages with manual pages link into folders that were left out.
    early = ['--essential-hook=mkdir -p "$1/usr/share/man/man1"']
    return ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(family.packages)}", *_apt_options(), *leave_out, *early,
            *(f"--customize-hook={hook}" for hook in hooks), base.suite, str(tar), *base.lists]  # fmt: skip


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--docker", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"), help="the engine's address"
    )
    parser.add_argument("--all", action="store_true", help="every family")
    parser.add_argument(
        "family",
        nargs="*",
        choices=[*FAMILIES, []],
        metavar="FAMILY",
        help=f"{', '.join(FAMILIES)}; {', '.join(AT_ONCE)} by default",
    )
    options = parser.parse_args()
    wanted = tuple(FAMILIES) if options.all else tuple(options.family) or AT_ONCE
    try:
        for name in ensure_images(options.docker, wanted, say=lambda line: print(line, file=sys.stderr, flush=True)):
            print(name)
    except (ImageFailed, OSError) as error:
        print(f"{ImageFailed.__doc__} {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
