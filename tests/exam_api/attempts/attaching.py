"""An exam that takes files, and how a device sends them."""

import hashlib
import os
from typing import Any
from uuid import uuid4

import httpx
from obstore.store import LocalStore

from exam_api.installation import Installation
from loadtests.device import b64u
from tests.exam_api.sitting import Sitter
from tests.grading.test_content import PDF

FILES_EXAM = """
title: Things to hand in
duration_minutes: 60
pass_percent: 50
items:
  - {id: sheet, kind: file, title: A sheet, prompt: Hand it in., points: 1, types: [pdf, png, txt], most_files: 2,
     most_mib: 3, rubric: [{text: There, points: 1}]}
  - {id: other, kind: file, title: Another, prompt: Hand it in., points: 1, types: [pdf], most_mib: 1,
     rubric: [{text: There, points: 1}]}
  - {id: speak, kind: recording, title: Speak, prompt: Say it., points: 1, media: audio, most_seconds: 60,
     rubric: [{text: Said, points: 1}]}
  - {id: draw, kind: drawing, title: Draw, prompt: Draw it., points: 1, rubric: [{text: Drawn, points: 1}]}
  - {id: say, kind: essay, title: Tell, prompt: Tell it., points: 1, rubric: [{text: Told, points: 1}]}
"""
LONG = b"%PDF-1.7\n" + os.urandom(1_500_000) + b"\n%%EOF\n"


def whole(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": b64u(hashlib.sha256(content).digest())}


async def begin(sitter: Sitter, name: str = "a.pdf", size: int | None = len(PDF), item: str = "sheet") -> str:
    attachment = str(uuid4())
    body = {"item": item, "name": name, "size": size}
    (await sitter.device.send("PUT", sitter.path(f"/attachments/{attachment}"), body)).raise_for_status()
    return attachment


async def finish(sitter: Sitter, attachment: str, content: bytes) -> httpx.Response:
    return await sitter.device.send("POST", sitter.path(f"/attachments/{attachment}/finish"), whole(content))


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def stored(here: Installation) -> int:
    assert isinstance(here.blobs, LocalStore)
    return sum(len(page) for page in here.blobs.list("attachments"))
