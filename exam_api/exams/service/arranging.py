"""Sections and pools in the page editor: what follows there when a question is renamed, deleted, added or moved."""

from collections.abc import Callable
from typing import Any

from exam_api.errors import NotFound

Data = dict[str, Any]
Change = Callable[[Data], Data]


def renamed(data: Data, old: str, new: str) -> Data:
    """The exam with another name wherever sections and pools name this question."""
    return _listed(data, lambda names: [new if name == old else name for name in names])


def forgotten(data: Data, item_id: str) -> Data:
    """The exam without this question in its sections and pools; a section or pool that is then empty goes too."""
    left = _listed(data, lambda names: [name for name in names if name != item_id])
    tags = {tag for item in data["items"] if item["id"] != item_id for tag in item.get("tags", [])}
    pools = [pool for pool in left.get("pools", []) if pool.get("items") or pool.get("tag") in tags]
    gone = {pool["id"] for pool in left.get("pools", [])} - {pool["id"] for pool in pools}
    left = _listed({**left, "pools": pools}, lambda names: [name for name in names if name not in gone])
    return {**left, "sections": [section for section in left.get("sections", []) if section["items"]]}


def placed(data: Data, item_id: str) -> Data:
    """The exam with a new question at the end of its last section, where it has sections."""
    *others, last = data.get("sections") or [{"items": []}]
    return (
        {**data, "sections": [*others, {**last, "items": [*last["items"], item_id]}]} if data.get("sections") else data
    )


def move_section(section_id: str, step: int) -> Change:
    """One place up (-1) or down (+1). Raises, when applied, `NotFound`."""

    def change(data: Data) -> Data:
        sections = list(data.get("sections", []))
        at = next((at for at, section in enumerate(sections) if section["id"] == section_id), None)
        if at is None:
            raise NotFound
        sections.insert(min(max(at + step, 0), len(sections) - 1), sections.pop(at))
        return {**data, "sections": sections}

    return change


def move_entry(name: str, step: int) -> Change:
    """A question or pool one place up or down; at a section's edge into the neighbour, unless it is the last one left."""

    def change(data: Data) -> Data:
        sections = [{**section, "items": list(section["items"])} for section in data.get("sections", [])]
        at = next((at for at, section in enumerate(sections) if name in section["items"]), None)
        if at is None:
            raise NotFound
        own = sections[at]["items"]
        place = own.index(name)
        if 0 <= place + step < len(own):
            own.insert(place + step, own.pop(place))
        elif 0 <= at + step < len(sections) and len(own) > 1:
            own.remove(name)
            other = sections[at + step]["items"]
            other.insert(0 if step > 0 else len(other), name)
        return {**data, "sections": sections}

    return change


def _listed(data: Data, change: Callable[[list[str]], list[str]]) -> Data:
    """The exam with every list of names in sections and pools changed."""
    lists: Data = {
        key: [{**each, "items": change(each["items"])} if each.get("items") else each for each in data[key]]
        for key in ("sections", "pools")
        if key in data
    }
    return {**data, **lists}
