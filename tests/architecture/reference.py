"""Tables of the documentation that the code itself writes: `python -m tests.architecture.reference` rewrites them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

from exam_api.errors import STATUS, code_of
from exam_api.events import EVENTS
from exam_api.settings import Settings
from exam_api.worker import AFTER, EACH, name_of
from tests.architecture.repository import ROOT

REFERENCE = ROOT / "docs" / "reference.md"
OPERATIONS = ROOT / "docs" / "operations.md"
GLOSSARY = ROOT / "docs" / "glossary.md"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def settings() -> str:
    """Every variable, its default and its sentence."""
    prefix = str(Settings.model_config["env_prefix"])
    return table(
        ("Variable", "Default", "What it does"),
        (
            (f"`{prefix}{name.upper()}`", f"`{field.default}`" if field.default is not None else "absent", _said(field))
            for name, field in Settings.model_fields.items()
        ),
    )


def _said(field: object) -> str:
    return str(getattr(field, "description", None) or "")


def events() -> str:
    """Every event: its tag, its meaning, what it carries, and the jobs that follow from it."""
    return table(
        ("Event", "Tag", "What happened", "Carries", "What follows"),
        (
            (
                kind.__name__,
                f"`{tag}`",
                _sentence(kind),
                ", ".join(f"`{each.name}`" for each in fields(kind)),
                ", ".join(f"`{name_of(follow.task)}`" for follow in AFTER.get(kind, [])) or "–",
            )
            for tag, kind in EVENTS.items()
        ),
    )


def clockwork() -> str:
    """What the worker does by the clock."""
    return table(
        ("Cron", "Jobs"),
        ((f"`{cron}`", ", ".join(f"`{name_of(task)}`" for task in tasks)) for cron, tasks in EACH.items()),
    )


def errors() -> str:
    """Every refusal: its HTTP status, its stable code and its sentence."""
    return table(
        ("Code", "Status", "In words"),
        (
            (f"`{code_of(kind())}`", str(status), _sentence(kind))
            for kind, status in sorted(STATUS.items(), key=lambda each: (each[1], each[0].__name__))
        ),
    )


def _sentence(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


BLOCKS = {
    REFERENCE: {"events": events, "clockwork": clockwork, "errors": errors},
    OPERATIONS: {"settings": settings},
}


def block(name: str) -> re.Pattern[str]:
    """A generated part: from its opening mark to its end mark."""
    return re.compile(rf"(?<=<!-- generated: {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)


def rewritten(path: Path) -> str:
    """The document with its generated parts as the code has them now."""
    text = path.read_text(encoding="utf-8")
    for name, make in BLOCKS[path].items():
        text, count = block(name).subn(lambda _, made=make: made(), text)  # type: ignore[misc]  # mypy cannot see the bound default
        assert count == 1, f"{path.name} needs one place for {name}"
    return text


if __name__ == "__main__":
    for document in BLOCKS:
        document.write_text(rewritten(document), encoding="utf-8")
