"""What a proven certificate says, for people; and how sure its page is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from exam_api.certificates.schemas import ReportOut
from exam_api.web.markdown import to_html
from exam_api.web.render import Tone


@dataclass(frozen=True)
class Shown:
    """What a proven certificate says, for people."""

    recipient: str
    title: str
    description: str
    criteria: Markup
    evidence: Sequence[tuple[str, str]]
    score: str | None
    required: str | None


def tone_of(report: ReportOut) -> Tone:
    """Green, amber or red: green is only what we know ourselves to be proven and valid now."""
    if report.verdict in {"not proven", "revoked"}:
        return "problem"
    known = report.ours and report.signature.pinned and report.status.outcome == "valid"
    return "ok" if report.verdict == "proven" and known else "attention"


def shown_of(report: ReportOut, document: dict[str, Any]) -> Shown | None:
    """What the document says, if its signature holds; the verifier has checked the types of what is read here."""
    if report.certificate is None:
        return None
    achievement = document["credentialSubject"]["achievement"]
    criteria = achievement.get("criteria")
    texts = [each for each in _objects(document.get("evidence")) if isinstance(each.get("narrative"), str)]
    required = [each.get("requiredValue") for each in _objects(achievement.get("resultDescription"))]
    scores = [value for name, value in report.certificate.results if name == "Score"]
    return Shown(
        recipient=report.certificate.recipient,
        title=report.certificate.title,
        description=_text(document.get("description")),
        criteria=to_html(_text(criteria.get("narrative")) if isinstance(criteria, dict) else ""),
        evidence=[(_text(each.get("name")), each["narrative"]) for each in texts],
        score=scores[0] if scores else None,
        required=next((each for each in required if isinstance(each, str)), None),
    )


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""
