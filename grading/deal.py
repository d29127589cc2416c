"""Deal an exam out to one candidate: the same seed gives the same form, on any machine, in any year.

A seed is 128 bits. Each decision has a label, and with it a stream of its own, so that a decision more or less elsewhere
changes nothing here:

    block(label, n) = SHA-256("invigil-deal/1" 00 seed 00 label in UTF-8 00 n as 8 bytes, big-endian),  n = 0, 1, 2, …

A block is four words of 64 bits, big-endian. A number below k is the next word w modulo k; words at or above the
largest multiple of k under 2^64 are left out, so that every number is equally likely. A list is shuffled from its end
(Fisher and Yates): for i = last, …, 1, entries i and (number below i + 1) change places.

Labels, and what their streams decide:

    pool/ID              the pool's items are shuffled and the first `draw` taken; these keep the pool's order
    section/ID           shuffles the section's items, drawn ones among them, where it says `shuffle`
    exam                 shuffles all items of an exam without sections that says `shuffle`
    options/ITEM         shuffles the options of a choice that says `shuffle`
    parameter/ITEM/NAME  one number below the count of the parameter's values: its place among them

`python -m grading deal FILE --seed HEX` prints a form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from grading.arithmetic import parse
from grading.exam import Exam
from grading.item import Item
from grading.kinds.choice import Choice
from grading.kinds.numeric import Numeric
from grading.parameters import put_in, work_out
from grading.sections import Section

T = TypeVar("T")

SEED_BYTES = 16
_DOMAIN = b"invigil-deal/1"
_WORDS = 2**64


@dataclass(frozen=True)
class Form:
    """What one candidate gets. `exam` has only their items, in their order, with their options and numbers."""

    seed: str
    exam: Exam


def deal(exam: Exam, seed: str) -> Form:
    """The form of this seed (32 hexadecimal digits). Raises `ValueError` for another seed."""
    raw = bytes.fromhex(seed)
    if len(raw) != SEED_BYTES:
        raise ValueError("a seed is 32 hexadecimal digits")
    known = {item.id: item for item in exam.items}
    sections = tuple(_section(exam, each, raw) for each in exam.sections)
    if sections:
        order = [name for each in sections for name in each.items]
    else:
        order = _shuffled(list(known), raw, "exam") if exam.shuffle else list(known)
    items = tuple(deal_item(known[name], raw) for name in order)
    return Form(raw.hex(), replace(exam, items=items, pools=(), sections=sections, shuffle=False))


def deal_item(item: Item, seed: bytes) -> Item:
    """One item with its options in order and its numbers put in."""
    if isinstance(item, Choice) and item.shuffle:
        return replace(item, options=tuple(_shuffled(item.options, seed, f"options/{item.id}")), shuffle=False)
    if isinstance(item, Numeric) and item.formula:
        known = {}
        for each in item.parameters:
            numbers = _numbers(seed, f"parameter/{item.id}/{each.name}")
            known[each.name] = each.values[_below(numbers, len(each.values))]
        value = work_out(parse(item.formula), known)
        return replace(item, prompt=put_in(item.prompt, known), value=value, parameters=(), formula="")
    return item


def _section(exam: Exam, section: Section, seed: bytes) -> Section:
    pools = {pool.id: pool for pool in exam.pools}
    names: list[str] = []
    for name in section.items:
        if name in pools:
            members = pools[name].members(exam.items)
            drawn = set(_shuffled(members, seed, f"pool/{name}")[: pools[name].draw])
            names += [member for member in members if member in drawn]
        else:
            names.append(name)
    if section.shuffle:
        names = _shuffled(names, seed, f"section/{section.id}")
    return replace(section, items=tuple(names), shuffle=False)


def _shuffled(entries: Sequence[T], seed: bytes, label: str) -> list[T]:
    found, numbers = list(entries), _numbers(seed, label)
    for last in range(len(found) - 1, 0, -1):
        other = _below(numbers, last + 1)
        found[last], found[other] = found[other], found[last]
    return found


def _below(numbers: Iterator[int], count: int) -> int:
    limit = _WORDS - _WORDS % count
    return next(number for number in numbers if number < limit) % count


def _numbers(seed: bytes, label: str) -> Iterator[int]:
    start = b"\0".join((_DOMAIN, seed, label.encode(), b""))
    at = 0
    while True:
        block = hashlib.sha256(start + at.to_bytes(8, "big")).digest()
        yield from (int.from_bytes(block[place : place + 8], "big") for place in range(0, 32, 8))
        at += 1
