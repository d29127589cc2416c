"""The example files of the documentation are right, and fit the example exam."""

from datetime import UTC, datetime

import yaml

from credentials.achievement.stacking import Held, look, needs
from exam_api.pathways.service.files import read_map, read_programme
from grading import read_exam
from grading.parts import evidence
from tests.factories import EXAMPLE_EXAM

DOCS = EXAMPLE_EXAM.parents[2] / "docs" / "examples"


def test_the_example_exam_meets_the_example_programme_and_stands_in_the_example_map() -> None:
    found = read_map((DOCS / "data-literacy.yaml").read_text(), "data-literacy")
    programme = read_programme((DOCS / "data-practitioner.yaml").read_text())
    exam = read_exam(yaml.safe_load(EXAMPLE_EXAM.read_text()))
    assert exam.certificate is not None
    skills = tuple((each.url, each.level) for each in exam.certificate.skills)
    assert all(evidence(exam).values()), "each of its skills is proven by a question"
    assert {url for url, _ in skills} <= {each.url for each in found.skills}
    assert {each.skill for each in needs(programme.rule)} <= {each.url for each in found.skills}
    at = datetime(2027, 1, 1, tzinfo=UTC)
    assert look(programme.rule, [Held("1", frozenset(), at, score=60.0, skills=skills)], at).met
