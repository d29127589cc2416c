"""What a cohort's answers say about how they came about: findings with evidence and innocent explanations, never verdicts."""

from integrity.cohort import Cohort
from integrity.detectors.rapid import FastAnswers
from integrity.detectors.shared_answers import SharedAnswers
from integrity.errors import IntegrityError, TooSmall
from integrity.finding import Finding
from integrity.reading import read_cohort
from integrity.report import Report, make_report

__all__ = [
    "Cohort",
    "FastAnswers",
    "Finding",
    "IntegrityError",
    "Report",
    "SharedAnswers",
    "TooSmall",
    "make_report",
    "read_cohort",
]
