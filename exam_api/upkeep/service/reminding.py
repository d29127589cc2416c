"""Letters about the end of a certificate: 90, 30 and 7 days before it, and when it has come; each at most once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime as mail_date
from functools import lru_cache

from babel.dates import format_date

from credentials.achievement.renewal import Progress
from exam_api.certificates.service import institution
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate
from exam_api.installation import Installation
from exam_api.mail import MailServer
from exam_api.web.i18n import Catalogues, _, choose_language
from exam_api.web.render import FORMAT_LOCALES

SOON = _("Your certificate “{title}” ends on {day}")
OVER = _("Your certificate “{title}” has ended")
ENDS = _("Your certificate “{title}” is valid until {day}. After that it says that its time is over; it stays genuine.")
ENDED = _("Your certificate “{title}” was valid until {day}. It stays genuine, but its time is over.")
CREDITS = _(
    "To keep it valid you need {needed} credits by then; {collected} are accepted, {waiting} wait for an answer."
)
EXAM = _("Passing the exam again renews it too.")
NO_RULE = _("Whoever needs it for longer earns it again, in the way it was earned.")
WHERE = _("Your certificate, and what can be done with it:")
NO_REPLY = _("You get this mail because you hold this certificate. Nobody reads answers to it.")


@dataclass(frozen=True)
class Letter:
    """What a letter is about; `days` before the end, 0: it has come."""

    certificate: Certificate
    person: User
    days: int
    progress: Progress | None
    or_exam: bool


def compose(here: Installation, server: MailServer, letter: Letter, now: datetime) -> EmailMessage:
    """Plain text in the person's language."""
    language = choose_language(letter.person.locale, None)
    say = _catalogues()[language].gettext
    title = " ".join(letter.certificate.document["name"].split())[:120]
    assert letter.certificate.valid_until is not None
    locale = FORMAT_LOCALES.get(language, language)
    day = format_date(letter.certificate.valid_until.astimezone(UTC), format="long", locale=locale)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(" ".join(here.issuer_name.split())[:200], addr_spec=server.sender)
    mail["To"] = Address(addr_spec=letter.person.email)
    mail["Subject"] = say(SOON if letter.days else OVER).format(title=title, day=day)
    mail["Date"] = mail_date(now.astimezone(UTC))
    # The same name each time it is tried: a letter that was taken just before a crash is then known to be the same one.
    mail["Message-ID"] = f"<end-{letter.certificate.id}-{letter.days}@{server.hello}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    mail["Content-Language"] = language
    mail.set_content(_text(here, letter, title, day, say))
    return mail


def _text(here: Installation, letter: Letter, title: str, day: str, say: Callable[[str], str]) -> str:
    address = f"{institution.base(here)}/certificates/{letter.certificate.id}"
    paragraphs = [say(ENDS if letter.days else ENDED).format(title=title, day=day)]
    if letter.progress is not None and letter.days:
        told = {name: f"{getattr(letter.progress, name):g}" for name in ("needed", "collected", "waiting")}
        paragraphs.append(say(CREDITS).format(**told))
        paragraphs += [say(EXAM)] if letter.or_exam else []
        address += "/valid"
    elif letter.progress is None:
        paragraphs.append(say(NO_RULE))
    paragraphs += [f"{say(WHERE)}\n    {address}", f"{say(NO_REPLY)}\n{here.issuer_name}"]
    return "\n\n".join(paragraphs) + "\n"


@lru_cache(maxsize=1)
def _catalogues() -> Catalogues:
    return Catalogues.load()
