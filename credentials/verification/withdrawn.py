"""What a proven status list says about one certificate: revoked, suspended or neither, with the public reason."""

from __future__ import annotations

from credentials.canonical import JsonObject
from credentials.errors import NotProven
from credentials.revocation import reasons
from credentials.revocation.status import Status, reasons_url
from credentials.times import stamp
from credentials.verification.report import StatusFact


def tell(listed: Status, index: int, beside: JsonObject | None) -> StatusFact:
    """The fact at the list's own moment. `beside`: the list of reasons, which counts only where `listed` names it by hash; where it
    is named and missing, a suspension could be hidden, so the answer is unknown. Raises NotProven, Malformed.
    """
    when, where = stamp(listed.as_of), reasons_url(listed.url)
    code = None
    if beside is not None:
        if not listed.vouches(where, beside):
            raise NotProven("status", "the list of reasons in the file is not the one that the status list names")
        code = reasons.read(beside, listed.url).get(index)
    suspended = code is not None and reasons.is_suspension(code)
    because = "" if code is None else f', with the public reason "{code}"'
    if listed.revoked(index):
        known = None if suspended else code
        return StatusFact(
            "revoked", f"the issuer had revoked it by {when}{because if known else ''}", listed.as_of, known
        )
    if suspended:
        return StatusFact("suspended", f"the issuer had suspended it by {when}{because}", listed.as_of, code)
    if beside is None and where in listed.beside:
        said = (
            f"it was not revoked as of {when}; whether it was suspended is unknown, the file lacks the list of reasons"
        )
        return StatusFact("unknown", said, listed.as_of)
    said = "not revoked" if beside is None else "neither revoked nor suspended"
    return StatusFact("valid", f"it was {said} as of {when}", listed.as_of)
