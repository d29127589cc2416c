"""What the page editor does to the file: each change reads it, changes the data, and writes it anew."""

from collections.abc import Callable
from typing import Any

from exam_api.errors import NotFound
from exam_api.exams.service import arranging
from exam_api.exams.service.checking import read_draft
from exam_api.exams.service.writing import write
from exam_api.web.i18n import _
from grading.errors import ItemError
from grading.exam import read_exam, to_data
from grading.item import read_item

Data = dict[str, Any]
Change = Callable[[Data], Data]


def changed(source: str, change: Change) -> str:
    """The file after `change` of its data. Raises `ItemError` where the result is no exam."""
    return write(read_exam(change(to_data(read_draft(source)))))


def find(items: list[Data], item_id: str) -> int:
    """The position of an item. Raises `NotFound`."""
    for at, item in enumerate(items):
        if item["id"] == item_id:
            return at
    raise NotFound


def replace_item(item_id: str, item: Data) -> Change:
    """Raises, when applied, `ItemError` with a path that starts at the item."""

    def change(data: Data) -> Data:
        read_item(item)
        at = find(data["items"], item_id)
        if any(other["id"] == item["id"] for place, other in enumerate(data["items"]) if place != at):
            raise ItemError(("id",), _("another question of this exam has this short name"))
        changed_items = [*data["items"][:at], item, *data["items"][at + 1 :]]
        return {**arranging.renamed(data, item_id, item["id"]), "items": changed_items}

    return change


def move_item(item_id: str, step: int) -> Change:
    """One place up (-1) or down (+1); at the end nothing happens."""

    def change(data: Data) -> Data:
        items = list(data["items"])
        at = find(items, item_id)
        to = min(max(at + step, 0), len(items) - 1)
        items.insert(to, items.pop(at))
        return {**data, "items": items}

    return change


def delete_item(item_id: str) -> Change:
    def change(data: Data) -> Data:
        at = find(data["items"], item_id)
        return {**arranging.forgotten(data, item_id), "items": [*data["items"][:at], *data["items"][at + 1 :]]}

    return change


def add_item(kind: str, item_id: str) -> Change:
    """A new question of that kind at the end, filled with words that ask to be replaced."""

    def change(data: Data) -> Data:
        return {**arranging.placed(data, item_id), "items": [*data["items"], fresh(kind, item_id)]}

    return change


def free_id(source: str, kind: str) -> str:
    """A short name that no question of the exam has yet: `choice-1`, `choice-2`, …"""
    used = {item.id for item in read_draft(source).items}
    return next(name for name in (f"{kind}-{number}" for number in range(1, len(used) + 2)) if name not in used)


def fresh(kind: str, item_id: str) -> Data:
    """A valid item to start from. Raises `NotFound` for a kind that does not exist."""
    if kind not in _FRESH:
        raise NotFound
    common = {"id": item_id, "kind": kind, "title": "New question", "prompt": "Write the question here.", "points": 1}
    return {**common, **_FRESH[kind]}


def starter(title: str, minutes: object) -> Data:
    """A new exam with one question, so that its file is valid from the first moment."""
    return {"title": title, "duration_minutes": minutes, "pass_percent": 60, "items": [fresh("choice", "choice-1")]}


_FRESH: dict[str, Data] = {
    "choice": {
        "options": [{"id": "a", "text": "The right option"}, {"id": "b", "text": "A wrong option"}],
        "correct": ["a"],
    },
    "match": {
        "pairs": [
            {"id": "a", "left": "Left", "right": "What belongs to it"},
            {"id": "b", "left": "Left", "right": "What belongs to this one"},
        ]
    },
    "numeric": {"value": 0},
    "short": {"answers": ["A model answer"]},
    "essay": {"rubric": [{"text": "What earns the points", "points": 1}]},
    "drawing": {"rubric": [{"text": "What earns the points", "points": 1}]},
    "file": {"types": ["pdf"], "rubric": [{"text": "What earns the points", "points": 1}]},
    "recording": {"media": "audio", "rubric": [{"text": "What earns the points", "points": 1}]},
    "code": {"language": "python", "tests": [{"name": "example", "expect": "42\n"}]},
}
