"""What a composition root builds once and hands to every request and job."""

from dataclasses import dataclass
from pathlib import Path

from obstore.store import ObjectStore

from exam_api.db.session import Sessions
from exam_api.keyring import Keyring


@dataclass(frozen=True)
class Installation:
    """One running platform: its database, blobs, keys and names."""

    sessions: Sessions
    blobs: ObjectStore
    keyring: Keyring
    public_url: str
    rp_id: str
    secure_cookies: bool
    issuer_name: str
    models_dir: Path
    frame_retention_days: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a browser sends as Origin."""
        return "/".join(self.public_url.split("/", 3)[:3])

    @property
    def issuer_did(self) -> str:
        """did:web of the public host (port percent-encoded, as the method asks)."""
        return "did:web:" + self.origin.split("://", 1)[1].replace(":", "%3A")
