"""What a proven certificate says, for people; and how sure its page is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from credentials.achievement import components
from credentials.achievement.content import Alignment, sections_in, skills_in
from exam_api.certificates.schemas import ReportOut
from exam_api.web.markdown import to_html
from exam_api.web.render import Tone

Value = float | str
"""A result as it was signed: a number, which each reader has written their way, or another issuer's words."""
_NUMBER = re.compile(r"(0|[1-9]\d{0,8})(\.\d{1,2})?", re.ASCII)  # what has more decimals would be shown rounded


@dataclass(frozen=True)
class Shown:
    """What a proven certificate says, for people."""

    recipient: str
    title: str
    description: str
    criteria: Markup
    evidence: Sequence[tuple[str, str]]
    score: Value | None
    required: Value | None
    parts: Sequence[tuple[str, float]] = ()  # sections and their percents
    skills: Sequence["Skill"] = ()
    rests_on: Sequence[tuple[str, str | None]] = ()  # names of other certificates and their addresses


@dataclass(frozen=True)
class Skill:
    """A skill of a public framework. `url` only where it can be opened and the issuer is known."""

    name: str
    url: str | None
    framework: str
    code: str
    level: str


def tone_of(report: ReportOut) -> Tone:
    """Green, amber or red: green is only what we know ourselves to be proven and valid now."""
    if report.verdict in {"not proven", "revoked", "suspended"}:
        return "problem"
    known = report.ours and report.signature.pinned and report.status.outcome == "valid"
    return "ok" if report.verdict == "proven" and known else "attention"


def shown_of(report: ReportOut, document: dict[str, Any]) -> Shown | None:
    """What the document says, if its signature holds; the verifier has checked the types of what is read here."""
    if report.certificate is None:
        return None
    known = report.ours and report.signature.pinned
    return read_shown(document, report.certificate.recipient, report.certificate.title, known=known)


def read_shown(document: dict[str, Any], recipient: str, title: str, *, known: bool) -> Shown:
    """What a document says. `known`: whether its addresses may be shown as links."""
    # Other issuers' documents have other forms: what is not where we look for it is not shown.
    subject = _object(document.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    criteria = achievement.get("criteria")
    texts = [each for each in _objects(document.get("evidence")) if isinstance(each.get("narrative"), str)]
    results = _objects(subject.get("result"))
    required = [each.get("requiredValue") for each in _objects(achievement.get("resultDescription"))]
    return Shown(
        recipient=recipient,
        title=title,
        description=_text(document.get("description")) or _text(achievement.get("description")),
        criteria=to_html(_text(criteria.get("narrative")) if isinstance(criteria, dict) else ""),
        evidence=[(_text(each.get("name")), each["narrative"]) for each in texts],
        score=next((value_of(_text(each.get("value"))) for each in results if _is(each, "#score")), None),
        required=next((value_of(each) for each in required if isinstance(each, str)), None),
        parts=sections_in(document),
        skills=[_skill(each, known=known) for each in skills_in(document)],
        rests_on=_rests_on(document) if known else [],
    )


def value_of(text: str) -> Value:
    """A number where it is one in digits, else the text itself."""
    return float(text) if _NUMBER.fullmatch(text) else text


def _is(result: dict[str, Any], mark: str) -> bool:
    return mark in _text(result.get("resultDescription"))


def _skill(found: Alignment, *, known: bool) -> Skill:
    url = found.url if known and found.url.startswith(("https://", "http://")) else None
    return Skill(found.name, url, found.framework or "", found.code or "", found.description or "")


def _rests_on(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    rests_on, _ = components.read(_objects(document.get("evidence")), document.get("relatedResource"))
    return [(each.name, each.id) for each in rests_on]


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""
