"""Before certificates are given to many: every row is looked at, and everything that is wrong with it is said at once.

A certificate with a wrong name can be revoked, but not unsaid. So what is surely wrong stops a row, and what only looks wrong is
shown to both people who answer for the list.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from exam_api.accounts.schemas import Email, PersonName
from exam_api.certificates.service import tables
from exam_api.certificates.service.tables import Line, folded
from exam_api.db.models.accounts import User
from exam_api.errors import Invalid
from exam_api.web.i18n import _

MOST = 10_000
MAX_BYTES = 4 * 2**20
SMALL = 60  # characters of a name, from which on it is printed in smaller letters
COLUMNS: Mapping[str, Sequence[str]] = {
    "name": ("name", "full name", "recipient", "vollständiger name"),
    "email": ("email", "e-mail", "mail", "address", "adresse"),
    "date": ("date", "earned on", "datum", "erworben am"),
    "result": ("result", "percent", "score", "ergebnis", "prozent"),
    "consent": ("consent", "agreed", "einwilligung", "zustimmung", "einverstanden"),
    "achievement": ("achievement", "certificate", "exam", "zertifikat", "prüfung"),
}
NEEDED = ("name", "email", "consent")
NO_COLUMN = _("The table has no column “{name}”. Its first line names the columns: name, email, date, result, consent.")
AGREED = {"yes", "y", "true", "1", "x", "ja", "j", "wahr"}
PLACEHOLDERS = re.compile(
    r"(?:undefined|null|none|nan|n/?a|unknown|unbekannt|test|name|vorname|nachname|#\S+|\?+|-+|\.+)"
)
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")

NO_NAME = _("There is no name, or none that can be printed.")
PLACEHOLDER = _("The name looks like an empty field of another program.")
TOO_LONG = _("The name is longer than 120 characters.")
SMALL_LETTERS = _("The name is long: it is printed in small letters.")
MIXED = _("A word of the name mixes letters of two alphabets that look alike, such as Latin and Cyrillic.")
SHOUTED = _("The name is in capital letters or in small letters only.")
INITIALS = _("The name has no word of more than one letter.")
NOT_THEIRS = _("The account has another name: {name}.")
BAD_MAIL = _("This is no complete e-mail address.")
NO_ACCOUNT = _("There is no account with this e-mail address. Make one first.")
SWITCHED_OFF = _("The account is switched off.")
TWICE = _("The same person is in the list more than once.")
NAMED_TWICE = _("Another row has the same name and another e-mail address.")
HAS_IT = _("This person already has this certificate.")
NO_DATE = _("The date cannot be read. Write it as 2027-03-12.")
FUTURE = _("The date lies in the future.")
NO_RESULT = _("The result is no number from 0 to 100.")
NO_CONSENT = _("There is no consent. The column holds “yes” for whoever agreed to get this certificate.")
OTHER = _("The row is about another certificate.")
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_NAME: TypeAdapter[str] = TypeAdapter(PersonName)


@dataclass(frozen=True)
class Entry:
    """A row as it stands in the table, and what could be read of it. Empty `email`: it is none."""

    line: int
    name: str
    email: str
    earned_on: date | None
    result: str | None


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, or only looks wrong (`stops` False)."""

    line: int
    who: str
    text: str
    stops: bool = True
    names: str = ""  # fills {name} in the text


@dataclass(frozen=True)
class Found:
    """All rows and all problems. `good` are the rows that nothing stops."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]

    @property
    def good(self) -> list[Entry]:
        stopped = {each.line for each in self.problems if each.stops}
        return [entry for entry in self.entries if entry.line not in stopped]

    @property
    def stops(self) -> int:
        """How many rows cannot be given as they are."""
        return len({each.line for each in self.problems if each.stops})


def read(content: bytes, achievement: str, today: date) -> Found:
    """The table and what can be said of it without knowing anybody. Raises `Invalid` where it is no table of this form."""
    head, *body = tables.read(content, MOST, MAX_BYTES)
    where = {name: tables.column(head, names) for name, names in COLUMNS.items()}
    if missing := [name for name in NEEDED if where[name] is None]:
        raise Invalid(NO_COLUMN.format(name=missing[0]))
    if not body:
        raise Invalid(tables.EMPTY)
    if len(body) > MOST:
        raise Invalid(tables.TOO_MANY.format(most=f"{MOST:,}"))
    problems: list[Problem] = []
    entries = [_entry(line, where, achievement, today, problems) for line in body]
    return Found(entries, [*problems, *_repeated(entries)])


def _entry(
    line: Line, where: Mapping[str, int | None], achievement: str, today: date, problems: list[Problem]
) -> Entry:
    cells = {name: line.cell(at) for name, at in where.items()}
    who = cells["name"] or cells["email"]

    def stop(text: str, *, stops: bool = True) -> None:
        problems.append(Problem(line.number, who, text, stops))

    name = _name(cells["name"], stop)
    email = ""
    try:
        email = _EMAIL.validate_python(cells["email"])
    except ValidationError:
        stop(BAD_MAIL)
    earned = _date(cells["date"])
    if cells["date"] and earned is None:
        stop(NO_DATE)
    elif earned is not None and earned > today:
        stop(FUTURE)
    result = _percent(cells["result"])
    if cells["result"] and result is None:
        stop(NO_RESULT)
    if folded(cells["consent"]) not in AGREED:
        stop(NO_CONSENT)
    if cells["achievement"] and folded(cells["achievement"]) != folded(achievement):
        stop(OTHER)
    return Entry(line.number, name, email, earned, result)


class Stop(Protocol):
    """Notes a problem of the row at hand."""

    def __call__(self, text: str, *, stops: bool = True) -> None: ...


def _name(text: str, stop: Stop) -> str:
    if len(text) > 120:
        stop(TOO_LONG)
        return text
    try:
        name = _NAME.validate_python(text)
    except ValidationError:
        stop(NO_NAME)
        return text
    words = folded(name).split()
    if all(PLACEHOLDERS.fullmatch(word) for word in words):
        stop(PLACEHOLDER)
        return name
    if any(len({script for letter in word if (script := _script(letter))}) > 1 for word in name.split()):
        stop(MIXED, stops=False)
    if len(name) > SMALL:
        stop(SMALL_LETTERS, stops=False)
    if not any(len(word.strip(".")) > 1 for word in words) and name.isascii():
        stop(INITIALS, stops=False)
    elif name.isascii() and (name.isupper() or name.islower()):
        stop(SHOUTED, stops=False)
    return name


def _script(letter: str) -> str | None:
    said = unicodedata.name(letter, "")
    return next((script for script in SCRIPTS if said.startswith(script)), None)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else _german(text)
    except ValueError:
        return None


def _german(text: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    return None if found is None else date(int(found[3]), int(found[2]), int(found[1]))


def _percent(text: str) -> str | None:
    plain = text.removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(?:\.\d{1,2})?", plain) or float(plain) > 100:
        return None
    return f"{float(plain):g}"


def _repeated(entries: Sequence[Entry]) -> Iterable[Problem]:
    """Only the first row of a person counts; two people of one name may be right, and a person has to see it."""
    seen: set[str] = set()
    names = Counter(folded(each.name) for each in {entry.email: entry for entry in entries if entry.email}.values())
    for each in entries:
        if each.email and each.email in seen:
            yield Problem(each.line, each.name, TWICE)
        elif each.email and names[folded(each.name)] > 1:
            yield Problem(each.line, each.name, NAMED_TWICE, stops=False)
        seen.add(each.email)


def against(entries: Iterable[Entry], users: Mapping[str, User], having: Iterable[object]) -> Iterable[Problem]:
    """What only the accounts tell: `users` by e-mail address, `having` the ids of those who already have this certificate."""
    have = set(having)
    for each in entries:
        user = users.get(each.email)
        if not each.email:
            continue
        if user is None:
            yield Problem(each.line, each.name, NO_ACCOUNT)
        elif user.disabled_at is not None:
            yield Problem(each.line, each.name, SWITCHED_OFF)
        elif user.id in have:
            yield Problem(each.line, each.name, HAS_IT)
        elif folded(user.name) != folded(each.name):
            yield Problem(each.line, each.name, NOT_THEIRS, stops=False, names=user.name)


def look_again(rows: Sequence[tuple[int, str, User]]) -> list[Problem]:
    """What whoever approves a list has to look at: names that only look wrong, and accounts as they are now."""
    names = Counter(folded(name) for _, name, _ in rows)
    problems: list[Problem] = []
    for number, name, user in rows:

        def note(text: str, *, stops: bool = True, number: int = number, name: str = name) -> None:
            problems.append(Problem(number, name, text, stops))

        _name(name, note)
        if names[folded(name)] > 1:
            note(NAMED_TWICE, stops=False)
        if user.disabled_at is not None:
            note(SWITCHED_OFF)
        elif folded(user.name) != folded(name):
            problems.append(Problem(number, name, NOT_THEIRS, stops=False, names=user.name))
    return problems
