"""Other issuers' certificates: their keys and status lists are looked up only where the operator allows it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from credentials.forms import png, svg
from exam_api.certificates.service import others
from exam_api.installation import Installation
from tests.credentials import other_issuers as other
from tests.credentials.forms.test_baking import DRAWING, PICTURE
from tests.credentials.other_issuers import AT, DID_WEB, STATUS, badge, entry, signed, status_list
from tests.exam_api.other_server import Site, running


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as found:
        yield found


def there() -> bytes:
    """A badge whose key and status list lie at its issuer's."""
    status = {**entry(), "statusListCredential": STATUS}
    return json.dumps(signed(badge(DID_WEB, credentialStatus=status), method=f"{DID_WEB}#ed")).encode()


async def test_nobody_is_asked_unless_the_operator_allows_it(installation: Installation, site: Site) -> None:
    site.files["/.well-known/did.json"] = other.document()
    report, _ = await others.check(installation, there(), AT)
    assert installation.strangers is None
    assert (report.verdict, report.signature.outcome) == ("not proven", "unknown")
    assert "was not looked up" in report.sentence
    assert report.missing == ["https://college.example/.well-known/did.json"]
    assert site.asked == []


async def test_keys_and_then_the_status_list_are_looked_up(installation: Installation, site: Site) -> None:
    here = replace(installation, strangers=site.strangers)
    site.files["/.well-known/did.json"] = other.document()
    report, _ = await others.check(here, there(), AT)
    assert (report.verdict, report.status.outcome) == ("proven", "unknown")
    assert report.domain is not None
    assert (report.domain.outcome, report.domain.domain) == ("proven", "college.example")
    site.files["/status/3"] = signed(status_list(5, issuer=DID_WEB), method=f"{DID_WEB}#ed")
    report, credential = await others.check(here, there(), AT)
    assert (report.verdict, report.missing) == ("revoked", [])
    assert [path for _, path in site.asked[-2:]] == ["/.well-known/did.json", "/status/3"]
    assert credential["credentialSubject"]["achievement"]["name"] == "Rings and Ideals"


async def test_a_document_that_names_other_keys_takes_the_proof_away(installation: Installation, site: Site) -> None:
    site.files["/.well-known/did.json"] = {**other.document(), "assertionMethod": []}
    method = f"{DID_WEB}#{other.ED.kid}"
    content = json.dumps(signed(badge(DID_WEB), method=method)).encode()
    assert (await others.check(installation, content, AT))[0].verdict == "proven"
    report, _ = await others.check(replace(installation, strangers=site.strangers), content, AT)
    assert (report.verdict, report.certificate) == ("not proven", None)


@pytest.mark.parametrize("kind", ["jwt", "png", "svg", "png with a token", "svg with a token"])
async def test_every_form_is_read(installation: Installation, kind: str) -> None:
    text = other.token() if "token" in kind or kind == "jwt" else json.dumps(signed(badge()))
    baked = {"png": lambda: png.bake(PICTURE, text), "svg": lambda: svg.bake(DRAWING, text)}
    report, _ = await others.check(installation, baked.get(kind[:3], text.encode)(), AT)
    assert (report.verdict, report.ours) == ("proven", False)
    assert report.certificate is not None
    assert report.certificate.recipient == "Emmy Noether"


def test_what_pages_show_has_one_form() -> None:
    shown = others.presentable(badge(credentialSubject=[{"achievement": [{"name": "A", "description": "d"}]}]))
    assert shown["credentialSubject"]["achievement"]["name"] == "A"
    assert shown["description"] == "d"
    assert others.presentable({}) == {"description": "", "evidence": [], "credentialSubject": {"achievement": {}}}
