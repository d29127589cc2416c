"""What a composition root builds once and hands to every request and every job."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from cryptography.x509 import Certificate
from numpy.typing import NDArray
from obstore.store import LocalStore, ObjectStore, from_url
from sqlalchemy.ext.asyncio import AsyncEngine

from credentials import files
from credentials.anchors.anchor import Anchor, AnchorTrust, Incapable, with_authorities
from credentials.anchors.evm_node import Chain
from credentials.anchors.ots import Calendars
from credentials.anchors.rfc3161 import TimeStamps
from credentials.errors import SignerFailed
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer, open_signer
from credentials.keys.signers.later import Later
from credentials.transparency import policy
from credentials.transparency.policy import Policy
from exam_api.db.session import Sessions, open_sessions
from exam_api.keyring import KeyFileUnsafe, Keyring, open_keyring
from exam_api.mail import MailServer
from exam_api.outside import TIMEOUT, Outside
from exam_api.settings import Settings
from exam_api.strangers import Strangers
from grading.exam import Exam
from proctor.capabilities import capabilities
from proctor.vision.bundle import bundle_for_pages
from sandbox.job import Result, Work

if TYPE_CHECKING:  # MediaPipe takes two seconds to load; a web process never needs it
    from proctor.audio.listener import SoundAnalyser
    from proctor.vision.analyser import FrameAnalyser


# What runs the models in a page.
LOOKING = Path(__file__).parent / "web/static/vendor/vision/vision_wasm_module_internal.wasm"


@dataclass(frozen=True)
class SatPaper:
    """What a save has to know of an attempt beyond its row. Version and seed never change; a longer grace shows where a
    save is looked at step by step.
    """

    version_id: UUID
    seed: str
    grace: timedelta


@dataclass(frozen=True)
class Keeping:
    """For how many days after an exam each class of evidence is kept."""

    frames: int = 30
    sounds: int = 30
    clips: int = 180
    references: int = 30
    readings: int = 365
    flags: int = 730


@dataclass(frozen=True)
class FaceModel:
    """What a page looks at faces with, where an exam's pictures stay on the candidate's computer."""

    data: bytes = field(repr=False)

    @cached_property
    def name(self) -> str:
        """It holds the hash, so that a browser may keep it for ever."""
        return f"face-{sha256(self.data).hexdigest()[:32]}.task"


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
    frame_retention_days: int
    grace: timedelta = timedelta(minutes=10)
    keeping: Keeping = Keeping()
    mail: MailServer | None = None
    linkedin_organization: int | None = None
    witness_policy: Policy | None = None
    strangers: Strangers | None = None  # the way to other issuers' keys and lists; None: nobody is asked
    anchors: tuple[Anchor, ...] = ()  # places outside where heads of the log are anchored
    anchor_every: timedelta = timedelta(hours=24)
    anchor_authorities: tuple[Certificate, ...] = ()  # roots of time-stamping authorities that we believe
    vc_api_token: bytes | None = field(default=None, repr=False)  # its SHA-256; None: there is no VC-API
    models_dir: Path | None = None
    spot_check_seconds: tuple[float, float] = (60.0, 180.0)  # least and most between two pictures asked for by chance
    # Published versions never change, so each process parses one once.
    versions: dict[UUID, Exam] = field(default_factory=dict, repr=False, compare=False)
    digests: dict[UUID, str] = field(default_factory=dict, repr=False, compare=False)
    papers: dict[UUID, SatPaper] = field(default_factory=dict, repr=False, compare=False)
    # Forms are dealt again when they are asked for after this many others.
    forms: dict[tuple[UUID, str], Exam] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def face_model(self) -> FaceModel | None:
        """None where a model or the library for pages is absent: every exam's pictures are then looked at by the server."""
        data = bundle_for_pages(self.models_dir) if self.models_dir is not None and LOOKING.is_file() else None
        return None if data is None else FaceModel(data)

    def on_device(self, exam: Exam) -> bool:
        """Whether this exam's pictures are looked at on the candidates' computers."""
        asked = exam.proctoring.camera and exam.proctoring.watching == "device"
        return asked and self.face_model is not None

    @cached_property
    def looks_at_life(self) -> bool:
        """Whether a sign of life can be looked at here. Where it cannot, nobody is asked for one, whatever an exam says."""
        here_is = capabilities(self.models_dir) if self.models_dir is not None else ()
        return any(each.on for each in here_is if each.name == "signs_of_life")

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a browser sends as Origin."""
        return "/".join(self.public_url.split("/", 3)[:3])

    @property
    def issuer_did(self) -> str:
        """did:web of the public host (port percent-encoded, as the method asks)."""
        return "did:web:" + self.origin.split("://", 1)[1].replace(":", "%3A")


@dataclass(frozen=True)
class Workshop:
    """What a job may use. A tool that this machine lacks is None, and says so where it is missed."""

    here: Installation
    now: Callable[[], datetime]
    chance: Callable[[int], bytes]
    run_job: Callable[[Work], Result] | None
    embed: Callable[[Sequence[str]], NDArray[np.float32]] | None
    analyser: FrameAnalyser | None
    run_soon: Callable[[Work], Result] | None = None  # as `run_job`, but before everything that waits there
    listener: SoundAnalyser | None = None
    recent: Any = None  # monitoring's memory of what it has derived; None: it derives everything each time


class NotYet(Exception):
    """This job cannot be done now and is no failure: try again after `delay`."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__("not yet")
        self.delay = delay


Task = Callable[[Workshop, dict[str, Any]], Awaitable[None]]


def open_installation(settings: Settings, engine: AsyncEngine) -> Installation:
    """What these settings describe, on this engine; the key file is made on first start."""
    return Installation(
        sessions=open_sessions(engine),
        blobs=open_blobs(settings.blob_url, settings.state_dir / "blobs"),
        keyring=open_keyring(settings.key_file, os.urandom, open_issuer_key(settings)),
        public_url=settings.public_url,
        rp_id=settings.host_name,
        secure_cookies=settings.secure_cookies,
        issuer_name=settings.issuer_name,
        linkedin_organization=settings.linkedin_organization,
        frame_retention_days=settings.frame_retention_days,
        grace=timedelta(minutes=settings.grace_minutes),
        mail=open_mail(settings),
        witness_policy=policy.read(settings.witness_policy.read_bytes()) if settings.witness_policy else None,
        strangers=Strangers() if settings.look_up_issuers else None,
        anchors=open_anchors(settings),
        anchor_every=timedelta(hours=settings.anchor_hours),
        anchor_authorities=_authorities(settings),
        vc_api_token=open_vc_api(settings.vc_api_token_file),
        models_dir=settings.models_dir,
        spot_check_seconds=(float(settings.spot_check_least_seconds), float(settings.spot_check_most_seconds)),
        keeping=Keeping(
            frames=settings.frame_retention_days,
            sounds=settings.sound_retention_days,
            clips=settings.clip_retention_days,
            references=settings.reference_retention_days,
            readings=settings.reading_retention_days,
            flags=settings.flag_retention_days,
        ),
    )


def open_anchors(settings: Settings) -> tuple[Anchor, ...]:
    """The places outside that these settings name. Raises `KeyFileUnsafe`, `Incapable` where a library is missing."""
    places: list[Anchor] = []
    if settings.anchor_tsa_url is not None:
        places.append(TimeStamps(settings.anchor_tsa_url, Outside(), _authorities(settings)))
    if urls := tuple(url.strip() for url in settings.anchor_calendars.split(",") if url.strip()):
        places.append(Calendars(urls, Outside()))
    if settings.anchor_evm_url is not None and settings.anchor_evm_key_file is not None:
        places.append(_chain(settings.anchor_evm_url, settings.anchor_evm_key_file, settings.anchor_evm_confirmations))
    return tuple(places)


def _authorities(settings: Settings) -> tuple[Certificate, ...]:
    pem = settings.anchor_tsa_roots.read_bytes() if settings.anchor_tsa_roots else b""
    return with_authorities(AnchorTrust(), pem).authorities


def _chain(url: str, key_file: Path, confirmations: int) -> Anchor:
    if key_file.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(key_file))
    limit = sys.getrecursionlimit()
    try:
        from web3 import HTTPProvider, Web3  # half a second to load; few installations need it
    except ImportError as error:
        raise Incapable from error
    finally:
        # A library below web3 raises the limit to 100,000: JSON nested that deep would end the process instead of being refused.
        sys.setrecursionlimit(limit)
    secret = bytes.fromhex(key_file.read_text().strip().removeprefix("0x"))
    return Chain(Web3(HTTPProvider(url, request_kwargs={"timeout": TIMEOUT})), secret, confirmations)


def open_issuer_key(settings: Settings) -> Signer | None:
    """The key for certificates, where these settings say that it is kept elsewhere. One that does not answer now but did before is
    asked again for each signature: exams go on without it.

    Raises `KeyFileUnsafe` for a PIN that others can read, `BadKey`; `SignerFailed` for a key that was never there.
    """
    if settings.issuer_key is None:
        return None
    pin = settings.issuer_key_pin_file
    if pin is not None and pin.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(pin))
    address, secret = settings.issuer_key, None if pin is None else pin.read_text().rstrip("\r\n")
    memory = settings.key_file.with_suffix(".issuer")
    try:
        found = open_signer(address, secret)
    except SignerFailed:
        known = json.loads(memory.read_text()) if memory.exists() else {}
        if address not in known:
            raise
        return Later(PublicKey.from_multikey(known[address]), lambda: open_signer(address, secret))
    told = json.dumps({address: found.kid}).encode()
    if not memory.exists() or memory.read_bytes() != told:
        files.write(memory, told)
    return found


def open_mail(settings: Settings) -> MailServer | None:
    """The mail server, if there is one. Raises `KeyFileUnsafe` for a password that others can read."""
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    password = settings.smtp_password_file
    if password is not None and password.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(password))
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.mail_from,
        hello=settings.host_name,
        user=settings.smtp_user,
        password=password.read_text().strip() if password else None,
    )


def open_vc_api(file: Path | None) -> bytes | None:
    """The hash of the VC-API's token, if there is one. Raises `KeyFileUnsafe` for a file that others can read, ValueError."""
    if file is None:
        return None
    if file.stat().st_mode & 0o077:
        raise KeyFileUnsafe(str(file))
    token = file.read_text().strip()
    if len(token) < 32:
        raise ValueError(f"the token in {file} has fewer than 32 characters: anybody could guess it")
    return sha256(token.encode()).digest()


def open_blobs(url: str | None, folder: Path) -> ObjectStore:
    """The blob store at `url`, or a folder that only its owner may read."""
    if url is not None:
        return from_url(url)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(folder)
