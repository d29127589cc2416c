"""What a holder does with a certificate: put it into a profile, show its seal on a page, keep everything in one folder."""

from html import escape
from urllib.parse import urlencode

from credentials.issuance import certificate
from exam_api.certificates.schemas import EmbedOut
from exam_api.certificates.service import institution
from exam_api.db.models.certificates import Certificate
from exam_api.installation import Installation

SIDE = 600  # pixels of the seal
_LINKEDIN = "https://www.linkedin.com/profile/add"


def linkedin(here: Installation, row: Certificate) -> str:
    """LinkedIn's form for a certificate, filled in (its documented parameters of "Add to Profile"). Nothing is sent before
    the holder presses there.
    """
    said = certificate.read(row.document)
    page = here.linkedin_organization  # with it LinkedIn shows the institution's logo; it takes one of the two
    told = {
        "startTask": "CERTIFICATION_NAME",
        "name": said.title,
        **({"organizationName": said.issuer} if page is None else {"organizationId": page}),
        "issueYear": said.valid_from.year,
        "issueMonth": said.valid_from.month,
        "certUrl": institution.certificate_url(here, row.id),
        "certId": row.id,
    }
    if said.valid_until is not None:
        told |= {"expirationYear": said.valid_until.year, "expirationMonth": said.valid_until.month}
    return f"{_LINKEDIN}?{urlencode(told)}"


def snippet(here: Installation, row: Certificate) -> str:
    """The seal as a link, for a page of the holder's own: plain HTML without script or frame, so any page may have it."""
    url, said = institution.certificate_url(here, row.id), certificate.read(row.document)
    words = escape(f"{said.title}, {said.issuer}", quote=True)
    return f'<a href="{url}"><img src="{url}.svg" width="150" height="150" alt="{words}"></a>'


def shown_elsewhere(here: Installation, row: Certificate) -> EmbedOut:
    """What a page that knows oEmbed may show. The seal names nobody."""
    said, url = certificate.read(row.document), institution.certificate_url(here, row.id)
    return EmbedOut(
        title=said.title,
        provider_name=said.issuer,
        provider_url=institution.base(here),
        url=f"{url}.png",
        web_page=url,
        width=SIDE,
        height=SIDE,
    )


def number_of(here: Installation, address: str) -> str:
    """The last part of an address of ours, or nothing."""
    head, _, tail = address.partition("?")[0].rpartition("/")
    return tail if head == f"{institution.base(here)}/c" else ""
