"""A copy of the receipts file by mail, for candidates who ask for it: out of our hands, in a place that we do not keep."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime as mail_date
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.service import close
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.proofs import ReceiptHead, ReceiptMail
from exam_api.errors import NotFound, TooManyTries, WrongState
from exam_api.events import ReceiptsCopyAsked
from exam_api.installation import Installation
from exam_api.mail import MailServer
from exam_api.web.i18n import Catalogues, _, choose_language
from exam_api.web.render import FORMAT_LOCALES

MOST = 3  # wishes for one attempt
APART = timedelta(minutes=5)
# A mail server that asks to come back wants minutes (greylisting), one that is down may be down for a night.
PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240, 600))

ENOUGH = _("You have asked for the copy three times. Please download the file instead.")
NOT_DELIVERED = _("The mail server did not accept your address or the letter.")
NOT_REACHED = _("The mail server could not be reached for hours.")

SUBJECT = _("Your receipts: {title}")
SUBMITTED = _("Your exam “{title}” was submitted on {time} (UTC).")
SAVES = _("Saved answers, each with a signed receipt: {count}")
HEAD = _("Seal of the chain: {head}")
LOGGED = _("Entry in the public log: number {index}")
NOT_LOGGED = _("Entry in the public log: not yet when this was written. A file that you download later has it.")
ATTACHED = _("The attached file {file} holds every receipt and your answers. Keep it: it proves them, also without us.")
CHECK = _("Anyone can check it with this command:")
PAGE = _("Or on this page, without an account:")
NO_REPLY = _("You get this mail because you asked for it on the page after your exam. Nobody reads answers to it.")


@dataclass(frozen=True)
class Copy:
    """What a letter is about; `number` counts the candidate's wishes."""

    attempt: Attempt
    person: User
    title: str
    head: ReceiptHead | None
    file: dict[str, Any]
    number: int


async def ask(session: AsyncSession, here: Installation, place: Place, now: datetime) -> ReceiptMail:
    """Note the candidate's wish. The attempt is locked by the caller. Raises `NotFound`, `WrongState`, `TooManyTries`."""
    attempt = place.attempt
    if here.mail is None:
        raise NotFound
    if attempt.seal is None:
        raise WrongState
    row = await queries.find_mail(session, attempt.id)
    if row is None:
        row = ReceiptMail(attempt_id=attempt.id, asked=0)
        session.add(row)
    elif row.state == "waiting":
        return row
    elif row.asked >= MOST:
        raise WrongState(ENOUGH)
    elif (wait := row.asked_at + APART - now) > timedelta(0):
        raise TooManyTries(headers={"Retry-After": str(wait.seconds + 1)}, retry_after=wait.seconds + 1)
    row.asked, row.asked_at, row.state, row.tries, row.changed_at, row.problem = (
        row.asked + 1,
        now,
        "waiting",
        0,
        now,
        None,
    )
    await session.flush()
    await ledger.append(session, ReceiptsCopyAsked(attempt.id), now, attempt.candidate_id)
    return row


async def write(
    session: AsyncSession, here: Installation, server: MailServer, place: Place, row: ReceiptMail, now: datetime
) -> tuple[EmailMessage, str]:
    """The letter to the candidate as things stand, and their address."""
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    person = await session.get_one(User, place.attempt.candidate_id)
    head = await queries.find_head(session, place.attempt.id)
    file = await close.receipt_file(session, here, place)
    copy = Copy(place.attempt, person, exam.title, head, file, row.asked)
    return compose(here, server, copy, now), person.email


def compose(here: Installation, server: MailServer, copy: Copy, now: datetime) -> EmailMessage:
    """Plain text in the person's language, with the file as they would download it."""
    language = choose_language(copy.person.locale, None)
    say = _catalogues()[language].gettext
    title, file = _one_line(copy.title), f"receipts-{copy.attempt.id}.json"
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(_one_line(here.issuer_name), addr_spec=server.sender)
    letter["To"] = Address(addr_spec=copy.person.email)
    letter["Subject"] = say(SUBJECT).format(title=title)
    letter["Date"] = mail_date(now.astimezone(UTC))
    # The same name each time it is tried: a letter that was taken just before a crash is then known to be the same one.
    letter["Message-ID"] = f"<receipts-{copy.attempt.id}-{copy.number}@{server.hello}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    letter["Content-Language"] = language
    letter.set_content(_text(here, copy, title, file, language, say))
    letter.add_attachment(json.dumps(copy.file).encode(), maintype="application", subtype="json", filename=file)
    return letter


def _text(here: Installation, copy: Copy, title: str, file: str, language: str, say: Callable[[str], str]) -> str:
    assert copy.attempt.submitted_at is not None
    index = copy.head.log_index if copy.head else None
    locale = FORMAT_LOCALES.get(language, language)
    submitted = format_datetime(copy.attempt.submitted_at.astimezone(UTC), "d MMMM y, HH:mm:ss", locale=locale)
    facts = [
        say(SAVES).format(count=copy.attempt.seq),
        say(HEAD).format(head=copy.attempt.head),
        say(NOT_LOGGED) if index is None else say(LOGGED).format(index=index),
    ]
    paragraphs = [
        say(SUBMITTED).format(title=title, time=submitted),
        "\n".join(facts),
        say(ATTACHED).format(file=file),
        f"{say(CHECK)}\n    python -m credentials receipts {file}",
        f"{say(PAGE)}\n    {here.origin}/receipts",
        f"{say(NO_REPLY)}\n{here.issuer_name}",
    ]
    return "\n\n".join(paragraphs) + "\n"


def _one_line(text: str) -> str:
    """A title goes into a header: whatever an author put into it, it stays one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:200]


@lru_cache(maxsize=1)
def _catalogues() -> Catalogues:
    return Catalogues.load()
