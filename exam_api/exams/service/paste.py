"""A pasted list of people → roster rows, with a report for each line that cannot be used."""

import re
from dataclasses import dataclass

from pydantic import ValidationError

from exam_api.errors import Invalid
from exam_api.exams.schemas import MAX_ROSTER, RosterRowIn
from exam_api.web.i18n import _

# A field as a spreadsheet writes it: in quotation marks, where it may hold separators, or plain.
_FIELD = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[,;\t]|$)|([^,;\t]*))(?:[,;\t]|$)')
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+)>")
_EXTRA = re.compile(
    r"(?=\d)(?:(?P<minutes>\d{1,5})(?!\d|\s*%)(?:\s*(?:min|mins|minutes?|minuten?|m|'))?\.?)?"
    r"(?:\s*\+?\s*(?P<percent>\d{1,5})\s*%)?",
    re.IGNORECASE,
)
_LIKE_A_NUMBER = re.compile(r"[+-]?\s*\d")


@dataclass(frozen=True)
class WrongLine:
    """A line that was left out, and why."""

    line: int
    text: str
    message: str


@dataclass(frozen=True)
class Pasted:
    rows: list[RosterRowIn]
    wrong: list[WrongLine]


def read_people(text: str) -> Pasted:
    """One person per line: an e-mail address, perhaps a name, perhaps extra minutes or percent, in any order.

    Commas, semicolons or tabs stand between them; `Name <address>` works too. Empty lines do not count.
    """
    rows: dict[str, RosterRowIn] = {}
    wrong: list[WrongLine] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = _read(line)
        if isinstance(row, str):
            wrong.append(WrongLine(number, line.strip()[:200], row))
        elif row.email in rows:
            wrong.append(WrongLine(number, line.strip()[:200], _("This e-mail address stands above already.")))
        elif len(rows) >= MAX_ROSTER:
            wrong.append(
                WrongLine(number, line.strip()[:200], _("A sitting can have at most 5,000 people; plan a second one."))
            )
        else:
            rows[row.email] = row
    return Pasted(list(rows.values()), wrong)


def _read(line: str) -> RosterRowIn | str:
    named = _NAMED.search(line)
    parts = _fields(_NAMED.sub("", line) if named else line)
    emails = [named["email"]] if named else [part for part in parts if "@" in part]
    extra = [part for part in parts if _EXTRA.fullmatch(part)]
    names = [part for part in parts if part and "@" not in part and part not in extra]
    if named and named["name"].strip():
        names.insert(0, named["name"].strip().strip('"'))
    if len(emails) != 1:
        return _("There must be one e-mail address in each line.")
    if len(extra) > 1:
        return _("There is more than one number in this line.")
    if any(_LIKE_A_NUMBER.match(name) for name in names):  # a mistyped number must not become part of a name
        return _("Extra time is a number of minutes, or a percentage such as 25%.")
    try:
        # Without a number nothing is said about extra time: whoever has some keeps it.
        return RosterRowIn(email=emails[0], name=" ".join(names) or None, **(read_extra(extra[0]) if extra else {}))
    except ValidationError as error:
        wrong = error.errors()[0]
        return _WRONG.get(str(wrong["loc"][0]), wrong["msg"].removeprefix("Value error, "))


_WRONG = {
    "extra_minutes": _("Nobody can have more than 1,440 extra minutes."),
    "extra_percent": _("Nobody can have more than 300 percent of extra time."),
    "name": _("A name has at most 120 characters."),
}


def _fields(line: str) -> list[str]:
    found = _FIELD.finditer(line.strip())
    return [(each[1].replace('""', '"') if each[1] is not None else each[2]).strip() for each in found]


def read_extra(text: str) -> dict[str, int]:
    """`15` is minutes, `25%` a share of the sitting's minutes, `15 + 25%` both. Raises `Invalid`."""
    found = _EXTRA.fullmatch(text.strip())
    if found is None:
        message = _("Extra time is a number of minutes, or a percentage such as 25%.")
        raise Invalid(problems=[{"where": ["body", "extra"], "message": message}])
    return {"extra_minutes": int(found["minutes"] or 0), "extra_percent": int(found["percent"] or 0)}
