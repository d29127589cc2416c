"""A certificate in the forms that people carry: a picture with the certificate inside, or a page to print."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from credentials import certificate, formats, log, offline, png, svg
from exam_api.certificates.service import institution
from exam_api.db.models.certificates import Certificate
from exam_api.installation import Installation
from exam_api.web.i18n import WEB, _

HEADING = _("Certificate")
GIVEN_TO = _("This certificate is awarded to")
FOR_WHAT = _("for")
ISSUED = _("Issued")
EXPIRES = _("Valid until")
NEVER = _("no end")
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
    from credentials import badge

    title, issuer = row.document["name"], row.document["issuer"]["name"]
    text = json.dumps(row.document, ensure_ascii=False, separators=(",", ":"))
    if kind == "png":
        return File(f"certificate-{row.id}.png", "image/png", png.bake(badge.png(title, issuer), text))
    return File(f"certificate-{row.id}.svg", "image/svg+xml", svg.bake(badge.svg(title, issuer), text))


def paper(here: Installation, row: Certificate, bundle: dict[str, Any], locale: str, say: Callable[[str], str]) -> File:
    """A PDF page drawn from what was signed, the bundle and the bare credential attached; `say` knows the language."""
    from credentials import pdf

    leaf = log.leaf_hash(log.certificate_leaf(row.document, row.salt))
    summary = certificate.read(row.document)
    sheet = pdf.Sheet(
        summary=summary,
        address=institution.certificate_url(here, row.id),
        fingerprint=" ".join(leaf.hex()[at : at + 4] for at in range(0, 16, 4)),
        issued=_day(summary.valid_from, locale),
        expires=None if summary.valid_until is None else _day(summary.valid_until, locale),
    )
    words = pdf.Words(
        heading=say(HEADING),
        given_to=say(GIVEN_TO),
        for_what=say(FOR_WHAT),
        issued=say(ISSUED),
        expires=say(EXPIRES),
        never=say(NEVER),
        check=say(CHECK),
        fingerprint=say(FINGERPRINT).format(index=row.log_index),
    )
    attached = {formats.BUNDLE: _json(bundle), formats.CREDENTIAL: _json(row.document)}
    return File(f"certificate-{row.id}.pdf", "application/pdf", pdf.draw(sheet, attached, words))


def page(row: Certificate, bundle: dict[str, Any], locale: str, say: Callable[[str], str]) -> File:
    """One HTML file that checks this certificate without us and without a network."""
    words = {name: say(text) for name, text in offline.WORDS.items()}
    text = offline.page(_library(), bundle, words, locale)
    return File(f"certificate-{row.id}.html", "text/html", text.encode())


@lru_cache(maxsize=1)
def _library() -> str:
    return (WEB / "static/vendor/offline/jsonld.js").read_text("utf-8")


def _day(at: datetime, locale: str) -> str:
    return format_date(at, format="long", locale=locale)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
