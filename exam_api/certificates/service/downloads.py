"""A certificate in the forms that people carry: a picture with the certificate inside, or a page to print."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from babel.numbers import get_decimal_symbol

from credentials.achievement.content import sections_in, skills_in
from credentials.forms import formats, offline, parcel, png, svg
from credentials.issuance import certificate
from exam_api.certificates.service import paper as sheets
from exam_api.certificates.service.proving import Proof
from exam_api.db.models.certificates import Certificate
from exam_api.installation import Installation
from exam_api.web.i18n import WEB, _

if TYPE_CHECKING:  # a quarter of a second at the start of each web process
    from credentials.forms.pdf import Words

HEADING = _("Certificate")
DRAFT = _("Draft")
GIVEN_TO = _("This certificate is awarded to")
FOR_WHAT = _("for")
ISSUED = _("Issued")
EXPIRES = _("Valid until")
NEVER = _("no end")
SKILLS = _("Skills")
CHECK = _("Check it: scan the code, or drop this file on the page that it opens. The signed certificate is attached.")
FINGERPRINT = _("Entry {index} of the public log, hash begins with")


@dataclass(frozen=True)
class File:
    """What a browser saves."""

    name: str
    media_type: str
    content: bytes


def picture(row: Certificate, kind: str) -> File:
    """The seal with the bare credential baked in: its proof needs nobody, and other people's programs expect this form."""
    from credentials.forms import badge

    title, issuer = row.document["name"], row.document["issuer"]["name"]
    text = json.dumps(row.document, ensure_ascii=False, separators=(",", ":"))
    if kind == "png":
        return File(f"certificate-{row.id}.png", "image/png", png.bake(badge.png(title, issuer), text))
    return File(f"certificate-{row.id}.svg", "image/svg+xml", svg.bake(badge.svg(title, issuer), text))


def paper(here: Installation, row: Certificate, bundle: dict[str, Any], locale: str, say: Callable[[str], str]) -> File:
    """A PDF page drawn from what was signed, the bundle and the bare credential attached; `say` knows the language."""
    from credentials.forms import pdf

    summary = certificate.read(row.document)
    sheet = pdf.Sheet(
        summary=summary,
        address=sheets.code(here, row),
        fingerprint=sheets.letters(row),
        issued=_day(summary.valid_from, locale),
        expires=None if summary.valid_until is None else _day(summary.valid_until, locale),
        parts=sections_in(row.document),
        skills=tuple(each.name for each in skills_in(row.document)),
    )
    words = _words(say, row.log_index, locale)
    attached = {formats.BUNDLE: _json(bundle), formats.CREDENTIAL: _json(row.document)}
    return File(f"certificate-{row.id}.pdf", "application/pdf", pdf.draw(sheet, attached, words))


def draft(document: dict[str, Any], locale: str, say: Callable[[str], str]) -> File:
    """The sheet of a certificate that nobody has signed: marked, without a code and with nothing attached."""
    from credentials.forms import pdf

    said = certificate.read(document)
    sheet = pdf.Sheet(
        summary=said,
        address=said.id,
        fingerprint="",
        issued=_day(said.valid_from, locale),
        expires=None if said.valid_until is None else _day(said.valid_until, locale),
        parts=sections_in(document),
        skills=tuple(each.name for each in skills_in(document)),
        mark=say(DRAFT),
    )
    return File("certificate-draft.pdf", "application/pdf", pdf.draw(sheet, {}, _words(say, 0, locale)))


def _words(say: Callable[[str], str], index: int, locale: str) -> "Words":
    from credentials.forms import pdf

    return pdf.Words(
        heading=say(HEADING),
        given_to=say(GIVEN_TO),
        for_what=say(FOR_WHAT),
        issued=say(ISSUED),
        expires=say(EXPIRES),
        never=say(NEVER),
        check=say(CHECK),
        fingerprint=say(FINGERPRINT).format(index=index),
        skills=say(SKILLS),
        decimal=get_decimal_symbol(locale),
    )


def page(row: Certificate, bundle: dict[str, Any], locale: str, say: Callable[[str], str]) -> File:
    """One HTML file that checks this certificate without us and without a network."""
    words = {name: say(text) for name, text in offline.WORDS.items()}
    text = offline.page(_library(), bundle, words, locale)
    return File(f"certificate-{row.id}.html", "text/html", text.encode())


def folder(row: Certificate, proof: Proof, locale: str, say: Callable[[str], str]) -> File:
    """All of it as a ZIP: the certificate, its proof from the log, keys, status list, contexts, a page that checks them."""
    words = {name: say(text) for name, text in offline.WORDS.items()}
    made = parcel.contents(proof.bundle, _library(), words, locale)
    return File(f"certificate-{row.id}.zip", "application/zip", parcel.zipped(made, at=proof.changed_at))


@lru_cache(maxsize=1)
def _library() -> str:
    return (WEB / "static/vendor/offline/jsonld.js").read_text("utf-8")


def _day(at: datetime, locale: str) -> str:
    return format_date(at, format="long", locale=locale)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
