"""What building an image asks of the engine. Standard library only."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

from deploy.engine import Say, ask, connect
from deploy.families import Family
from deploy.image_archive import Description

PULL_SILENCE_SECONDS = 10.0  # a registry that says nothing for so long is taken for absent


class ImageFailed(Exception):
    """The runner image could not be built."""


def tag(docker_host: str, name: str) -> None:
    """Call it `…:current` too."""
    post(docker_host, f"/images/{name}/tag", {"repo": name.rpartition(":")[0], "tag": "current"})


def extract(docker_host: str, image: str, path: str) -> bytes:
    """A file of an image, out of a container that never starts."""
    created = json.loads(post(docker_host, "/containers/create", body=iter([json.dumps({"Image": image}).encode()])))
    try:
        link = connect(docker_host, 30.0)
        try:
            link.request("GET", f"/containers/{created['Id']}/archive?{urlencode({'path': f'/{path}'})}")
            data = link.getresponse().read()
        finally:
            link.close()
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            file = tar.extractfile(path)
            if file is None:
                raise ImageFailed(f"{image} has no {path}")
            return file.read()
    finally:
        link = connect(docker_host, 30.0)
        link.request("DELETE", f"/containers/{created['Id']}?force=1")
        link.getresponse().read()
        link.close()


def build_on_base(docker_host: str, base: str, family: Family, sources: Path, name: str, say: Say) -> None:
    """Build on a registry's slim base: for machines that are not Debian, or where one may not install mmdebstrap.

    Raises `ImageFailed` with what to do when no registry answers.
    """
    if ask(docker_host, f"/images/{quote(base)}/json")[0] != 200:
        say(f"asking the engine's registry for {base}")
        image, _, label = base.partition(":")
        try:
            post(docker_host, "/images/create", {"fromImage": image, "tag": label}, timeout=PULL_SILENCE_SECONDS)
        except (OSError, ImageFailed) as error:
            advice = "On Debian, `sudo apt-get install mmdebstrap` and try again"
            raise ImageFailed(f"mmdebstrap is missing, and no image registry answers ({error}). {advice}.") from error
    query = [("t", name), ("networkmode", "host"), ("rm", "1"), ("forcerm", "1")]
    context = iter([_context(base, family, sources)])
    post(docker_host, "/build", query, body=context, kind="application/x-tar", timeout=900)


def _context(base: str, family: Family, sources: Path) -> bytes:
    """The build context: a Dockerfile, the sources and the finishing script, as a tar."""
    get = "apt-get update -qq && apt-get install -y -qq --no-install-recommends"
    compiled = "gcc -O2 -std=gnu17 -Wall -Wextra -Werror -static -s -o /supervisor /tmp/supervisor/*.c"
    copied = [f"COPY images/scripts/{one} /usr/lib/invigil/{one}" for one in family.scripts]
    steps = "".join(f" && ({step})" for step in family.steps)
    lines = [
        f"FROM {base} AS supervisor",
        f"RUN {get} gcc libc6-dev",
        "COPY images/supervisor /tmp/supervisor",
        f"RUN {compiled}",
        f"FROM {base} AS root",
        f"RUN mkdir -p /usr/share/man/man1 && {get} {' '.join(family.packages)}",
        "COPY --from=supervisor /supervisor /supervisor",
        *copied,
        "COPY images/finish.sh /finish.sh",
        f"RUN true{steps} && sh /finish.sh / && rm /finish.sh",
        "FROM scratch",
        "COPY --from=root / /",
        'ENTRYPOINT ["/supervisor"]',
        "USER 65534:65534",
        "WORKDIR /work",
        *(f"LABEL {key}={json.dumps(value)}" for key, value in Description(family.name).labels().items()),
    ]
    recipe = "\n".join(lines).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(recipe)
        tar.addfile(entry, io.BytesIO(recipe))
        tar.add(sources, "images")
    return out.getvalue()


def post(
    docker_host: str,
    path: str,
    query: dict[str, str] | list[tuple[str, str]] | None = None,
    *,
    body: Iterator[bytes] | None = None,
    kind: str = "application/json",
    timeout: float = 30.0,
) -> str:
    """POST and read the engine's answer to its end. `timeout` is the longest silence. Raises ImageFailed or OSError."""
    link = connect(docker_host, timeout)
    try:
        link.request(
            "POST",
            f"{path}?{urlencode(query or {})}",
            body=body,
            headers={"Content-Type": kind},
            encode_chunked=body is not None,
        )
        answer = link.getresponse()
        text = answer.read().decode(errors="replace")
    finally:
        link.close()
    if answer.status >= 300:
        raise ImageFailed(f"the engine answered {answer.status}: {text[:500]}")
    for line in text.splitlines():
        if line.startswith("{") and (error := json.loads(line).get("error")):
            raise ImageFailed(str(error))
    return text
