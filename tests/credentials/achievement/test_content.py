"""What a certificate tells of the exam: sections, skills, assessor, assurance, the one it takes the place of."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from credentials.achievement import content
from credentials.achievement.content import Alignment, Assessment, Assessor, Section
from credentials.errors import CredentialError, Malformed
from credentials.issuance import certificate, proof
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import PINNED
from tests.credentials.samples import KEY, award, issued

CASE = Alignment("Loops", "https://case.example/ims/case/v1p0/CFItems/1", "Programming", "PRG.1", description="Level 3")
ESCO = Alignment("Python", "http://data.europa.eu/esco/skill/ccd0a1d9", "ESCO", None, "ext:ESCO")
CTDL = Alignment("Testing", "https://credentialengineregistry.org/resources/ce-1", None, None, "ceasn:Competency")
SECTIONS = (
    Section("a", "Reading programs", "90", (CASE,)),
    Section("b", "Writing programs", "84.5", (ESCO, CTDL)),
    *(Section(f"more-{number}", "Part", "80") for number in range(12)),
)
ASSESSMENT = Assessment("An exam of 12 questions.", "Answers and programs", "By program and by a person.")


def rich(**changes: Any) -> dict[str, Any]:
    plain = award().achievement
    facts: dict[str, Any] = {
        "achievement": certificate.Achievement(
            plain.id, plain.name, plain.description, plain.criteria, None, "MicroCredential", (CASE, ESCO), ASSESSMENT
        ),
        "sections": SECTIONS,
        "source": Assessor("https://board.example", "Board of Examiners"),
        "evidence": certificate.Evidence("Sitting", "Watched.", None, "monitored"),
        "instead_of": certificate.Earlier("https://exams.example/certificates/0", "q83vEjRWeJA="),
    }
    return issued(**facts | changes)


def test_everything_that_it_tells_is_signed_and_read_back() -> None:
    signed = json.loads(json.dumps(rich()))
    proof.verify(signed, KEY.public)
    proof.verify(signed, KEY.public, PINNED)
    found = certificate.read(signed)
    assert found.assurance == "monitored"
    assert found.instead_of == "https://exams.example/certificates/0"
    assert ("Reading programs", "90") in found.results
    assert len(found.results) == 2 + len(SECTIONS)
    subject = signed["credentialSubject"]
    assert subject["source"]["name"] == "Board of Examiners"
    described = {each["id"]: each for each in subject["achievement"]["resultDescription"]}
    writing = described[f"{award().achievement.id}#section-b"]
    assert {each["targetType"] for each in writing["alignment"]} == {"ext:ESCO", "ceasn:Competency"}
    assert described[f"{award().achievement.id}#score"]["assessmentType"] == "Exam"


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: doc["credentialSubject"]["achievement"]["alignment"][0].update(targetUrl="https://x.example"),
        lambda doc: doc["credentialSubject"]["source"].update(name="Nobody"),
        lambda doc: doc["evidence"][0].update(genre="Examination in a locked-down browser"),
        lambda doc: doc["credentialSubject"]["result"][1].update(value="100"),
        lambda doc: doc["credentialSubject"]["achievement"].update(achievementType="Certification"),
        lambda doc: doc["credentialSubject"]["achievement"]["resultDescription"][0].update(hasGroupParticipation=True),
        lambda doc: doc["relatedResource"][0].update(digestSRI="sha256-AAAA"),
        lambda doc: doc.pop("relatedResource"),
    ],
)
def test_none_of_it_can_change_unnoticed(change: Any) -> None:
    document = copy.deepcopy(rich())
    change(document)
    with pytest.raises(CredentialError):
        proof.verify(document, KEY.public)


def test_what_is_told_wrongly_is_not_signed() -> None:
    with pytest.raises(Malformed, match="Certification"):
        certificate.Achievement("https://x.example", "X", "", "C", kind="Diploma")
    with pytest.raises(Malformed, match="one key"):
        rich(sections=(SECTIONS[0], SECTIONS[0]))
    with pytest.raises(Malformed, match="at most"):
        rich(sections=tuple(Section(str(number), "Part", "1") for number in range(51)))
    with pytest.raises(Malformed, match="full address"):
        rich(sections=(Section("a", "A", "1", (Alignment("Loops", "loops"),)),))


def test_the_weaker_assurance_counts() -> None:
    document = copy.deepcopy(rich())
    document["evidence"].append(
        {"type": ["Evidence"], "name": "Second", "narrative": "", "genre": content.genre_of("unmonitored")}
    )
    assert certificate.read(document).assurance == "unmonitored"


@pytest.mark.parametrize(
    ("named", "whole"), [("locked-down", None), ("monitored", None), ("unmonitored", "unmonitored")]
)
def test_a_piece_that_names_no_assurance_is_not_lifted_by_another(named: content.Assurance, whole: str | None) -> None:
    document = copy.deepcopy(rich())
    document["evidence"] = [
        {"type": ["Evidence"], "name": "First", "narrative": "", "genre": content.genre_of(named)},
        {"type": ["Evidence"], "name": "Second", "narrative": ""},
    ]
    assert certificate.read(document).assurance == whole


def test_without_evidence_no_assurance_is_named() -> None:
    assert certificate.read(issued()).assurance is None


def test_the_assessment_extension_means_what_its_publisher_says() -> None:
    """The IRIs of its context, v2p0, as published."""
    inside = contexts.CONTEXTS[contexts.ASSESSMENT]["@context"]["AssessmentResultDescription"]
    assert inside["@id"] == "https://purl.imsglobal.org/spec/vc/ob/vocab.html#AssessmentResultDescription"
    words = {name: iri for name, iri in inside["@context"].items() if isinstance(iri, str) and iri.startswith("https")}
    assert words == {
        "assessmentOutput": "https://w3id.org/openbadges/extensions#assessmentOutput",
        "assessmentType": "https://w3id.org/openbadges/extensions#assessmentType",
        "evaluationMethod": "https://w3id.org/openbadges/extensions#assessmentEvaluationMethod",
        "hasGroupEvaluation": "https://w3id.org/openbadges/extensions#assessmentHasGroupEvaluation",
        "hasGroupParticipation": "https://w3id.org/openbadges/extensions#assessmentHasGroupParticipation",
    }
