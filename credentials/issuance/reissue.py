"""A certificate once more: the same achievement and result in another name, or with new dates. Its own address and index are new.

Everything else is taken from what was signed before, word for word, so that a reissue cannot say more than the first one did.
"""

from __future__ import annotations

from datetime import datetime

from credentials.achievement import renewal
from credentials.canonical import JsonObject
from credentials.issuance import certificate
from credentials.issuance.certificate import Earlier, Recipient
from credentials.revocation import status
from credentials.times import stamp


def again(
    document: JsonObject,
    *,
    url: str,
    recipient: Recipient,
    status_index: int,
    valid_from: datetime,
    valid_until: datetime | None,
    instead_of: Earlier | None,
) -> JsonObject:
    """The unsigned certificate that takes the place of `document`, ready for `certificate.issue`. `instead_of`: how it names the
    former one, None: not at all. Raises Malformed for a document that we do not issue.
    """
    former = certificate.read(document)
    made = {name: value for name, value in document.items() if name not in {"proof", "validUntil", "relatedResource"}}
    related = [each for each in document.get("relatedResource", []) if each["id"] != former.instead_of]
    if instead_of is not None:
        related.append({"id": instead_of.id, "digestSRI": f"sha256-{instead_of.sha256}"})
    made |= {
        "id": url,
        "validFrom": stamp(valid_from),
        **({} if valid_until is None else {"validUntil": stamp(valid_until)}),
        "credentialSubject": _subject(document["credentialSubject"], former.id, url, recipient),
        **({"credentialStatus": _status(document["credentialStatus"], status_index)} if former.status else {}),
        **({"relatedResource": related} if related else {}),
        **({} if former.refresh is None else {"refreshService": renewal.service(f"{url}/refresh")}),
    }
    return made


def _subject(subject: JsonObject, former: str, url: str, recipient: Recipient) -> JsonObject:
    return {
        **subject,
        "identifier": certificate.identifiers(recipient),
        "result": [_moved(each, former, url) for each in subject["result"]],
    }


def _moved(result: JsonObject, former: str, url: str) -> JsonObject:
    """A result's address begins with its certificate's."""
    own = str(result.get("id", ""))
    return {**result, "id": url + own.removeprefix(former)} if own.startswith(f"{former}#") else result


def _status(found: object, index: int) -> JsonObject | list[JsonObject]:
    """Another index in the same lists, in the same form."""
    url, _ = status.read_entry(found)
    return status.both(url, index) if isinstance(found, list) else status.entry(url, index)
