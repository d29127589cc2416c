"""Items: read one from the author's data, show it to a candidate, check what the candidate sends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from grading.errors import ItemError, ResponseError
from grading.kinds import KINDS
from grading.kinds.base import Common, Item, Response
from grading.reading import Fields, Path
from grading.sections import read_tags
from grading.skills import read_named

__all__ = ["Item", "check_response", "is_blank", "public", "read_item", "to_data"]

MIN_POINTS, MAX_POINTS = 0.01, 1_000


def read_item(data: object, path: Path = ()) -> Item:
    """The item that `data` describes. Raises `ItemError`, whose path starts with `path`."""
    if not isinstance(data, Mapping):
        raise ItemError(path, "an item is a set of `key: value` lines that starts with its id and kind")
    named = Fields({"kind": data.get("kind")}, path, ("kind",))
    kind = KINDS[named.one_of("kind", tuple(KINDS))]
    fields = Fields(data, path, ("kind", *(field.name for field in dataclasses.fields(kind))))
    common = Common(
        id=fields.slug("id"),
        title=fields.text("title", longest=200),
        prompt=fields.text("prompt", longest=20_000),
        points=fields.number("points", least=MIN_POINTS, most=MAX_POINTS),
        tags=read_tags(fields),
        required=fields.flag("required", default=False),
        stimulus=fields.slug("stimulus") if fields.has("stimulus") else "",
        skills=read_named(fields),
    )
    return kind.read(fields, common)


def to_data(item: Item) -> dict[str, Any]:
    """What `read_item` turns back into an equal item. Keys that hold their default are left out."""
    return {"id": item.id, "kind": item.kind, **plain(item)}


def public(item: Item) -> dict[str, Any]:
    """What a candidate may see: never a key, a model answer, a hidden test or a tolerance."""
    common = {"id": item.id, "kind": item.kind, "title": item.title, "prompt": item.prompt, "points": item.points}
    extra = {**({"stimulus": item.stimulus} if item.stimulus else {}), **({"required": True} if item.required else {})}
    return {**common, **extra, **item.shown()}


def check_response(item: Item, response: object) -> None:
    """Raise `ResponseError` where a response's shape or size does not fit. It says nothing about right or wrong."""
    if not isinstance(response, Mapping):
        raise ResponseError("an answer is a JSON object")
    item.check(cast("Response", response))


def is_blank(item: Item, response: object) -> bool:
    """Whether nothing was answered; `None` is a response never given. Raises `ResponseError` as above."""
    if response is None:
        return True
    check_response(item, response)
    return item.is_blank(cast("Response", response))


def plain(value: object) -> Any:
    """A frozen value as JSON values, without the keys that hold their default."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = {field.name: (getattr(value, field.name), field.default) for field in dataclasses.fields(value)}
        return {name: plain(held) for name, (held, default) in pairs.items() if held != default}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    return value
