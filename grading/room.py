"""What an exam offers in the room besides its questions: tools, texts to read beside them, its language."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, fields

from grading.errors import ItemError
from grading.item import Item
from grading.reading import Fields, unique

TOOLS = (
    *("calculator", "scientific", "highlighter", "notes", "eliminate"),
    *("line_reader", "zoom", "contrast", "read_aloud"),
)
# What helps to read and to think, and gives nothing away. A calculator can be the very thing that is tested.
USUAL_TOOLS = ("highlighter", "notes", "eliminate", "line_reader", "zoom", "contrast", "read_aloud")
MAX_STIMULI = 100
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True)
class Stimulus:
    """A text, a table, a case: what several questions are about. `text` is Markdown."""

    id: str
    title: str
    text: str


def read_tools(top: Fields) -> tuple[str, ...]:
    """The tools in our order, each once; the usual ones where the file says nothing, none for an empty list."""
    if not top.has("tools"):
        return USUAL_TOOLS
    wanted = top.texts("tools", most=len(TOOLS), longest=40)
    for at, name in enumerate(wanted):
        if name not in TOOLS:
            near = difflib.get_close_matches(name, TOOLS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ItemError((*top.path, "tools", at), f"{name!r} must be one of: {', '.join(TOOLS)}{hint}")
    return tuple(name for name in TOOLS if name in wanted)


def read_language(top: Fields) -> str:
    """A language tag such as `ar` or `pt-BR`; "" where the file names none."""
    text = top.text("language", "", longest=30)
    if text and not _LANGUAGE.fullmatch(text):
        raise top.fail("language", f"{text!r} must be a language tag, such as 'de', 'ar' or 'pt-BR'")
    return text


def is_right_to_left(language: str) -> bool:
    """Whether the language of this tag is written from right to left."""
    return language.partition("-")[0] in RIGHT_TO_LEFT


def read_stimuli(top: Fields) -> tuple[Stimulus, ...]:
    """The texts, their ids used once."""
    names = tuple(field.name for field in fields(Stimulus))
    rows = [(Fields(entry, path, names), path) for entry, path in top.rows("stimuli", most=MAX_STIMULI)]
    found = tuple(Stimulus(row.slug("id"), row.text("title", longest=200), row.text("text")) for row, _ in rows)
    unique([(each.id, (*path, "id")) for each, (_, path) in zip(found, rows, strict=True)], "stimulus id")
    return found


def check_stimuli(top: Fields, stimuli: tuple[Stimulus, ...], items: tuple[Item, ...]) -> None:
    """Raise `ItemError` where an item names a text that is not there."""
    known = {each.id for each in stimuli}
    for (_, path), item in zip(top.rows("items"), items, strict=True):
        if item.stimulus and item.stimulus not in known:
            named = ", ".join(sorted(known)) or "none"
            raise Fields({}, path, ()).fail(
                "stimulus", f"{item.stimulus!r} is not a stimulus of this exam; it has {named}"
            )
