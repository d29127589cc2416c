"""What keeps a certificate valid: continuing credits, or the exam once more.

certificate:
  valid_years: 3
  suspendable: true      # left out: only our own pages and files tell a suspension, and badge programs read it more easily
  renewal:               # left out: who wants it again sits the exam again, for another certificate
    credits: 20          # in quarters; activities within its time that staff accepted
    window_days: 180     # so long before its end it may be renewed first
    or_exam: true        # passing this exam again renews it too; left out: it does not
"""

from __future__ import annotations

from dataclasses import dataclass

from grading.reading import Fields

STEP = 0.25


@dataclass(frozen=True)
class Renewal:
    """How a certificate is renewed before it ends."""

    credits: float
    window_days: int = 180
    or_exam: bool = False


def read_renewal(block: Fields) -> Renewal | None:
    """The key `renewal` of a certificate. Raises `ItemError`, also where the certificate never ends."""
    if not block.has("renewal"):
        return None
    inner = Fields(block.value("renewal"), (*block.path, "renewal"), ("credits", "window_days", "or_exam"))
    if not block.has("valid_years"):
        raise inner.fail("credits", "belongs to a certificate that ends: give it `valid_years`")
    found = Renewal(
        credits=inner.number("credits", above=0, most=1_000),
        window_days=inner.whole("window_days", 180, least=1, most=3_660),
        or_exam=inner.flag("or_exam", default=False),
    )
    if found.credits % STEP:
        raise inner.fail("credits", "is given in quarters, such as 20 or 7.5")
    return found
