"""How this installation is known to the outside: its addresses, its keys, its log's name."""

from uuid import UUID

from credentials.keys import did
from exam_api.installation import Installation

STATUS_LIST = 1  # the one list; its versions follow each other at the same address


def base(here: Installation) -> str:
    """The public address without a slash at its end."""
    return here.public_url.rstrip("/")


def certificate_url(here: Installation, certificate_id: UUID) -> str:
    return f"{base(here)}/c/{certificate_id}"


def status_url(here: Installation) -> str:
    return f"{base(here)}/status/{STATUS_LIST}"


def log_origin(here: Installation) -> str:
    """The log's name in checkpoints (C2SP: a schema-less URL)."""
    return here.origin.split("://", 1)[1] + "/log"


def signing_method(here: Installation) -> str:
    """The verification method that certificates and status lists are signed with."""
    return did.method_id(here.issuer_did, here.keyring.issuer.public)
