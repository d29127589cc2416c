"""What a certificate tells of the exam: results by section, skills, who assessed, how the sitting was watched.

Open Badges 3.0 (ResultDescription, Alignment, source, Evidence.genre) and its Assessment Extension 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from credentials.canonical import JsonObject
from credentials.errors import Malformed

Assurance = Literal["locked-down", "monitored", "unmonitored"]
Framework = Literal["CFItem", "ceasn:Competency", "CTDL", "ext:ESCO"]
GENRES: dict[str, Assurance] = {
    "Examination in a locked-down browser": "locked-down",
    "Monitored examination": "monitored",
    "Unmonitored examination": "unmonitored",
}
MAX_SECTIONS = 50
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Alignment:
    """A skill in a public framework: CASE (`CFItem`), CTDL (`ceasn:Competency`, `CTDL`) or ESCO (`ext:ESCO`), by its address."""

    name: str
    url: str
    framework: str | None = None
    code: str | None = None
    kind: Framework = "CFItem"
    description: str | None = None

    def plain(self) -> JsonObject:
        """As it stands in the certificate."""
        if not self.name.strip() or not self.url.startswith(("https://", "http://", "urn:")):
            raise Malformed("a skill needs its name and its full address in the framework")
        more = {"targetFramework": self.framework, "targetCode": self.code, "targetDescription": self.description}
        return {
            "type": ["Alignment"],
            "targetName": self.name,
            "targetUrl": self.url,
            "targetType": self.kind,
            **{name: value for name, value in more.items() if value is not None},
        }


@dataclass(frozen=True)
class Section:
    """A part of the exam and its result in percent of its points. `key` is its stable id inside the exam."""

    key: str
    name: str
    percent: str
    alignments: tuple[Alignment, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """How the exam is made, in words: `output` is what the candidate produces, `evaluation` how it is marked."""

    description: str
    output: str
    evaluation: str


@dataclass(frozen=True)
class Assessor:
    """Who assessed, where that is not the issuer."""

    id: str
    name: str

    def plain(self) -> JsonObject:
        """As it stands in the certificate."""
        return {"id": self.id, "type": ["Profile"], "name": self.name}


def described(sections: Sequence[Section], achievement: str) -> list[JsonObject]:
    """The achievement's resultDescription of each section. Raises Malformed."""
    if len(sections) > MAX_SECTIONS:
        raise Malformed(f"a certificate tells at most {MAX_SECTIONS} sections apart")
    if len({each.key for each in sections}) != len(sections):
        raise Malformed("two sections have one key")
    return [
        {
            "id": f"{achievement}#section-{each.key}",
            "type": ["ResultDescription"],
            "name": each.name,
            "resultType": "Percent",
            "valueMin": "0",
            "valueMax": "100",
            **({"alignment": [skill.plain() for skill in each.alignments]} if each.alignments else {}),
        }
        for each in sections
    ]


def results(sections: Sequence[Section], achievement: str, certificate: str) -> list[JsonObject]:
    """The subject's result of each section; each has an address, so that many results stay cheap to canonicalize."""
    return [
        {
            "id": f"{certificate}#section-{each.key}",
            "type": ["Result"],
            "resultDescription": f"{achievement}#section-{each.key}",
            "value": each.percent,
        }
        for each in sections
    ]


def extended(description: JsonObject, assessment: Assessment | None) -> JsonObject:
    """The description of the whole result, with what the Assessment Extension adds."""
    if assessment is None:
        return description
    return {
        **description,
        "type": ["ResultDescription", "AssessmentResultDescription"],
        "description": assessment.description,
        "assessmentType": "Exam",
        "assessmentOutput": assessment.output,
        "hasGroupParticipation": False,
        "hasGroupEvaluation": False,
        "evaluationMethod": assessment.evaluation,
    }


def genre_of(assurance: Assurance) -> str:
    """The words for an assurance level in the evidence."""
    return next(words for words, level in GENRES.items() if level == assurance)


def sections_in(credential: JsonObject) -> tuple[tuple[str, float], ...]:
    """The sections that a proven certificate tells, by name, each with its percentage; what has another form is left out."""
    subject = _object(credential.get("credentialSubject"))
    described = _objects(_object(subject.get("achievement")).get("resultDescription"))
    names = {each.get("id"): str(each.get("name", "")) for each in described if each.get("resultType") == "Percent"}
    found = []
    for each in _objects(subject.get("result")):
        about, value = str(each.get("resultDescription")), str(each.get("value"))
        if "#section-" in about and about in names and _PERCENT.fullmatch(value):
            found.append((names[about], min(float(value), 100.0)))
    return tuple(found)


def skills_in(credential: JsonObject) -> tuple[Alignment, ...]:
    """The skills that a proven certificate says its achievement is aligned to."""
    achievement = _object(_object(credential.get("credentialSubject")).get("achievement"))
    return tuple(
        Alignment(
            name=str(each.get("targetName", "")),
            url=str(each.get("targetUrl", "")),
            framework=_word(each.get("targetFramework")),
            code=_word(each.get("targetCode")),
            description=_word(each.get("targetDescription")),
        )
        for each in _objects(achievement.get("alignment"))
    )


def _object(found: object) -> JsonObject:
    return found if isinstance(found, dict) else {}


def _objects(found: object) -> list[JsonObject]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _word(found: object) -> str | None:
    return found if isinstance(found, str) else None
