"""Other issuers' certificates: what their file proves, and with leave what their issuer's own addresses add to it."""

import asyncio
from datetime import datetime
from typing import Any

from credentials import checking
from credentials.foreign import badges
from credentials.keys.controllers import Supplied
from credentials.verification.report import Report
from credentials.verification.trust import Trust
from exam_api.certificates.schemas import ReportOut
from exam_api.installation import Installation
from exam_api.strangers import Strangers

ROUNDS = 2  # the issuer's keys may be needed to read its status list


async def check(here: Installation, content: bytes, now: datetime) -> tuple[ReportOut, dict[str, Any]]:
    """What it proves, and the credential in it, in the form that pages show. Raises `credentials.errors.Malformed`.

    Nobody is asked unless this installation may (`look_up_issuers`); then the issuer's own addresses, and only these.
    """
    report, credential = await _verify(content, now, Supplied())
    if here.strangers is not None and report.missing:
        report, credential = await _looked_up(here.strangers, content, now, report, credential)
    found = {**report.as_json(), "ours": False}
    return ReportOut.model_validate(found), presentable(credential)


async def _looked_up(
    strangers: Strangers, content: bytes, now: datetime, report: Report, credential: dict[str, Any]
) -> tuple[Report, dict[str, Any]]:
    documents: dict[str, Any] = {}
    asked: set[str] = set()
    for _ in range(ROUNDS):
        wanted = [each for each in report.missing if each not in asked]
        if not wanted:
            break
        asked.update(wanted)
        fetched = await strangers.fetch(wanted)
        if not fetched:
            break
        documents |= fetched
        report, credential = await _verify(content, now, Supplied(documents, first_hand=True))
    return report, credential


async def _verify(content: bytes, now: datetime, supplied: Supplied) -> tuple[Report, dict[str, Any]]:
    # Canonicalization of a stranger's file may take some 100 ms; the others need not wait for it.
    return await asyncio.to_thread(checking.check, content, Trust(), now, None, supplied)


def presentable(credential: dict[str, Any]) -> dict[str, Any]:
    """One subject with one achievement, where other issuers may have lists or none."""
    subject: dict[str, Any] = next(badges.objects(credential.get("credentialSubject")), {})
    achievement: dict[str, Any] = next(badges.objects(subject.get("achievement")), {})
    described = badges.text(credential.get("description")) or badges.text(achievement.get("description"))
    return {
        **credential,
        "description": described,
        "evidence": list(badges.objects(credential.get("evidence"))),
        "credentialSubject": {**subject, "achievement": achievement},
    }
