"""Why a cohort could not be examined."""


class IntegrityError(Exception):
    """The cohort's answers could not be examined."""


class TooSmall(IntegrityError):
    """Too few people or items for a statistic to say anything; compare the answers by eye instead."""


class UnreadableAnswers(IntegrityError):
    """The table of answers is not in the expected form."""
