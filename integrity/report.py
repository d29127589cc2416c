"""Examine a cohort and put everything on one page of plain text, or in one JSON object."""

from dataclasses import asdict, dataclass
from typing import Any

from integrity.cohort import Cohort
from integrity.detectors.rapid import FastAnswers
from integrity.detectors.shared_answers import SharedAnswers
from integrity.finding import Finding
from integrity.matching import Matching
from integrity.picture import picture_of_pairs, text_alternative


@dataclass(frozen=True)
class Report:
    """What was examined and what was found: `picture` is an SVG, `text_alternative` says in words what it shows."""

    people: int
    items: int
    comparisons: int
    findings: tuple[Finding, ...]
    picture: str
    text_alternative: str

    def as_json(self) -> dict[str, Any]:
        """Everything but the picture, as plain JSON data."""
        return {key: value for key, value in asdict(self).items() if key != "picture"}


def make_report(cohort: Cohort, shared: SharedAnswers | None = None, fast: FastAnswers | None = None) -> Report:
    """Run all detectors on the cohort; thresholds are set before looking, in the detectors' constructors."""
    shared, fast = shared or SharedAnswers(), fast or FastAnswers()
    matching = Matching(cohort)
    pairs = shared.examine(matching)
    similar = shared.explain(matching, pairs)
    return Report(
        people=len(cohort.people),
        items=len(cohort.items),
        comparisons=pairs.comparisons,
        findings=(*similar, *fast.findings(cohort)),
        picture=picture_of_pairs(pairs, similar, shared.alpha),
        text_alternative=text_alternative(pairs, similar),
    )


def as_text(report: Report) -> str:
    """Return the report for a terminal: a summary, a table, then each finding with its evidence and other reasons."""
    lines = [
        f"{report.people} people, {report.items} items, {report.comparisons} pairs compared.",
        report.text_alternative,
    ]
    if report.findings:
        lines += ["", f"{'p adjusted':>12}  {'p':>9}  {'score':>8}  {'expected':>8}  who"]
        lines += [
            f"{one.p_adjusted:>12.2g}  {one.p_value:>9.2g}  {one.statistic:>8.4g}  {one.expected:>8.4g}  {', '.join(one.people)}"
            for one in report.findings
        ]
    for one in report.findings:
        lines += ["", one.explanation, *_rare(one), "  Other reasons to rule out first:"]
        lines += [f"  - {reason}" for reason in one.innocent]
    if report.findings:
        lines += ["", "Numbers start a conversation; a person decides."]
    return "\n".join(lines)


def _rare(finding: Finding) -> list[str]:
    return [
        f"  {match['item']}: both answered {match['answer']!r} ({'wrong' if match['wrong'] else 'right'}), "
        f"of the others {match['others_with_it']} did; chance {match['chance']:.3f}"
        for match in finding.evidence.get("most_surprising", [])
    ]
