"""Many certificates of ours at once, by their addresses: one ground of proof for all of them, one result for each row.

Nothing is fetched: an address of another issuer is told to be one.
"""

import asyncio
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.verification import verify
from credentials.verification.report import Report
from exam_api.certificates import queries
from exam_api.certificates.schemas import AddressIn, CheckedOut, ManyOut, Outcome
from exam_api.certificates.service import institution, proving, tables
from exam_api.certificates.service.proving import Proof
from exam_api.certificates.service.tables import Line, folded
from exam_api.db.models.certificates import Certificate
from exam_api.errors import Invalid
from exam_api.grades.service.sheets import safe
from exam_api.installation import Installation
from exam_api.web.i18n import _

MOST = 1_000
BATCH = 25  # verified in one go: some 80 ms, then other requests have their turn
UUID_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
ADDRESSES = (
    "address",
    "url",
    "link",
    "id",
    "number",
    "certificate",
    "certificate address",
    "adresse",
    "nummer",
    "zertifikat",
)
NAMES = ("name", "holder", "recipient", "expected name", "inhaber", "inhaberin", "erwarteter name")
ACHIEVEMENTS = (
    "achievement",
    "title",
    "expected achievement",
    "abschluss",
    "titel",
    "leistung",
    "erwarteter abschluss",
)
NO_COLUMN = _("No column holds addresses or numbers of certificates. Call it “address”, or put it first.")
SAID: Mapping[Outcome, str] = {
    "proven": _("Genuine and valid: signed, in the public log, not revoked."),
    "not proven": _("Do not rely on it: one of the facts does not hold. Open its page to see which."),
    "revoked": _("The issuer has taken it back. Do not rely on it."),
    "suspended": _("The issuer has suspended it for now. Ask again later."),
    "expired": _("Genuine, but its time is over."),
    "unknown": _("There is no certificate with this number here. Check it letter by letter."),
    "other issuer": _(
        "This address belongs to another issuer. Nothing was asked there; open it yourself, or check its file."
    ),
    "unreadable": _("There is no certificate number in this row."),
}
PROVES_NOT = (
    _("That whoever applies is the person named: compare the name with an identity document."),
    _("What its holder can do today: it says what was shown on the day of the exam."),
    _("That a matching name is the same person: two people can have one name."),
    _("Anything after the moment of this check: a certificate can be revoked later."),
)
COLUMNS = (
    *("row", "asked", "outcome", "sentence", "recipient", "title", "name_matches", "achievement_matches"),
    *("valid_from", "valid_until", "status_as_of", "log_index", "witnesses", "url"),
)


def read_table(content: bytes) -> list[tuple[int, AddressIn]]:
    """The rows of a CSV, with the lines that they stand in. Raises `Invalid`.

    The head names the columns; without one, the column with the numbers counts, and what follows it are name and achievement.
    """
    lines = tables.read(content, MOST)
    if any(UUID_IN.search(cell) for cell in lines[0].cells):
        where, name, achievement, body = *_by_content(lines), lines
    else:
        head, body = lines[0], lines[1:]
        where, name, achievement = (tables.column(head, names) for names in (ADDRESSES, NAMES, ACHIEVEMENTS))
        if where is None:
            where = _by_content(body)[0]
    if where is None:
        raise Invalid(NO_COLUMN)
    if not body:
        raise Invalid(tables.EMPTY)
    if len(body) > MOST:
        raise Invalid(tables.TOO_MANY.format(most=f"{MOST:,}"))
    return [(line.number, _asked(line, where, name, achievement)) for line in body]


def _by_content(lines: Sequence[Line]) -> tuple[int | None, int | None, int | None]:
    found = Counter(at for line in lines for at, cell in enumerate(line.cells) if UUID_IN.search(cell))
    where = max(found, key=lambda at: (found[at], -at), default=None)
    return (None, None, None) if where is None else (where, where + 1, where + 2)


def _asked(line: Line, where: int, name: int | None, achievement: int | None) -> AddressIn:
    # The form of a row is not refused here: a table with one bad row still gives an answer for each of the others.
    texts = (line.cell(where), line.cell(name), line.cell(achievement))
    address, said, title = (text[:500] for text in texts)
    return AddressIn.model_construct(address=address, name=said or None, achievement=title or None)


def number_in(here: Installation, text: str) -> UUID | Outcome:
    """The number of a certificate of ours in what somebody typed, scanned or pasted; or why there is none."""
    said = text.strip()
    if "://" in said and not said.lower().startswith(f"{institution.base(here).lower()}/"):
        return "other issuer"
    found = UUID_IN.search(said)
    return UUID(found[0]) if found else "unreadable"


async def check(
    session: AsyncSession, here: Installation, rows: Iterable[tuple[int, AddressIn]], now: datetime
) -> ManyOut:
    """What each row proves now. Raises `LogInconsistent` where the log itself is damaged: then nothing can be said."""
    asked = [(line, row, number_in(here, row.address)) for line, row in rows]
    held = await queries.some_certificates(session, {each for _, _, each in asked if isinstance(each, UUID)})
    reports = await _reports(session, here, held, now)
    done = [_checked(here, line, row, number, held, reports) for line, row, number in asked]
    counts = Counter(each.outcome for each in done)
    return ManyOut(at=now, counts=dict(counts), proves_not=list(PROVES_NOT), rows=done)


async def _reports(
    session: AsyncSession, here: Installation, held: Mapping[UUID, Certificate], now: datetime
) -> dict[UUID, Report]:
    if not held:
        return {}
    shared = await proving.ground(session, here, *(row.log_index for row in held.values()))
    found: dict[UUID, Report] = {}
    numbers = list(held)
    for at in range(0, len(numbers), BATCH):
        part = {number: shared.proof(held[number]) for number in numbers[at : at + BATCH]}
        found |= await asyncio.to_thread(_verified, part, now)
    return found


def _verified(proofs: Mapping[UUID, Proof], now: datetime) -> dict[UUID, Report]:
    return {number: verify.verify(each.bundle, each.trust, now) for number, each in proofs.items()}


def _checked(
    here: Installation,
    line: int,
    row: AddressIn,
    number: UUID | Outcome,
    held: Mapping[UUID, Certificate],
    reports: Mapping[UUID, Report],
) -> CheckedOut:
    if not isinstance(number, UUID):
        return CheckedOut(row=line, asked=row.address, outcome=number, sentence=SAID[number])
    if number not in held:
        return CheckedOut(row=line, asked=row.address, outcome="unknown", sentence=SAID["unknown"], id=number)
    report = reports[number]
    said = report.certificate
    return CheckedOut(
        row=line,
        asked=row.address,
        outcome=report.verdict,
        sentence=SAID[report.verdict],
        id=number,
        url=institution.certificate_url(here, number),
        recipient=said.recipient if said else None,
        title=said.title if said else None,
        valid_from=report.dates.valid_from,
        valid_until=report.dates.valid_until,
        name_matches=_same(row.name, said.recipient if said else None),
        achievement_matches=_same(row.achievement, said.title if said else None),
        status_as_of=report.status.as_of,
        log_index=report.log.index,
        witnesses=len(report.log.witnesses),
    )


def _same(expected: str | None, found: str | None) -> bool | None:
    return None if not expected or found is None else folded(expected) == folded(found)


def as_csv(found: ManyOut) -> str:
    """The results for a spreadsheet: UTF-8 with its mark; no cell of it can be taken for a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, "checked_at"])
    for row in found.rows:
        plain: dict[str, Any] = row.model_dump(mode="json")
        writer.writerow([safe(plain[name]) for name in COLUMNS] + [found.at.isoformat()])
    return "\ufeff" + file.getvalue()
