"""The certificate whose place another takes, as the new one names it: by its address and its hash, never by what it says."""

import base64
import hashlib

from credentials.canonical import jcs
from credentials.issuance.certificate import Earlier
from exam_api.db.models.certificates import Certificate


def of(row: Certificate) -> Earlier:
    """How a newer certificate names this one."""
    digest = hashlib.sha256(jcs(row.document)).digest()
    return Earlier(row.document["id"], base64.b64encode(digest).decode())
