"""What a cohort's answers say about how they came about: findings with evidence and innocent explanations, never verdicts."""

from integrity.cohort import Cohort
from integrity.detectors.shared_answers import SharedAnswers
from integrity.errors import IntegrityError, TooSmall
from integrity.finding import Finding

__all__ = ["Cohort", "Finding", "IntegrityError", "SharedAnswers", "TooSmall"]
