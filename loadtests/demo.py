"""The demonstration: one exam from sign-in to a verified certificate, told through the public HTTP API alone.

`python -m loadtests.demo --url URL --staff FILE --out DIR [--check] [--again]`; FILE holds the activation codes of the
instructor and the operator, as `invigil demo` writes it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from loadtests.people import Person, StoryStopped
from loadtests.story import Story, Told
from loadtests.table import show

ROOT = Path(__file__).resolve().parent.parent


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.demo", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--staff", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--candidates", type=int, default=30)
    parser.add_argument("--again", action="store_true", help="tell a new story even if one was told before")
    return parser.parse_args()


def read(path: Path) -> dict[str, Any]:
    """A JSON file of ours, or nothing yet."""
    return dict(json.loads(path.read_text())) if path.exists() else {}


async def staff(url: str, accounts: dict[str, Any], kept_at: Path) -> dict[str, Person]:
    """The instructor and the operator: by activation code the first time, by password and code later."""
    kept = read(kept_at)
    people = {}
    for role, account in accounts.items():
        person = people[role] = Person(url, account["email"], account["name"])
        if role in kept:
            await person.sign_in_with_password(kept[role]["password"], kept[role]["secret"])
            continue
        await person.enter(account["code"])
        password = f"demo-{secrets.token_urlsafe(9)}"
        kept[role] = {
            "email": account["email"],
            "password": password,
            "secret": await person.set_password(password),
        }
        write(kept_at, kept)
    return people


def write(path: Path, value: Any) -> None:
    """A file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file, indent=1)
    part.replace(path)


async def tell(chosen: argparse.Namespace) -> Told:
    """Tell the story, or bring back the one that was told; every check is made again each time."""
    people = await staff(chosen.url, read(chosen.staff), chosen.out / "sign-ins.json")
    story = Story(chosen.url, ROOT, chosen.out, people["instructor"], chosen.candidates)
    told_at = chosen.out / "story.json"
    before = read(told_at)
    if before and not chosen.again:
        told = Told(**before)
        print(
            f"The story was told before (AGAIN=1 tells a new one); checking what it left behind: {told.certificate_url}"
        )
    else:
        told = await story.tell()
        write(told_at, told.__dict__)
    return await story.prove(told)


def main() -> int:
    """Exit 0 when everything in the story is proven."""
    chosen, began = parse(), time.monotonic()
    try:
        told = asyncio.run(tell(chosen))
    except StoryStopped as error:
        print(f"\nThe story stopped: {error}", file=sys.stderr)
        return 1
    show(told, chosen.out, time.monotonic() - began)
    return 0 if told.complete else 1


if __name__ == "__main__":
    sys.exit(main())
