"""Every variable of the platform, in one frozen place. Only the composition roots read it."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at start-up from `INVIGIL_*`. Secrets are not here: they live in the key file, never in the environment."""

    model_config = SettingsConfigDict(env_prefix="INVIGIL_", frozen=True, extra="ignore")

    state_dir: Path = Field(Path("var"), description="Everything this installation keeps: database, blobs, keys, logs.")
    public_url: str = Field(
        "http://localhost:8000", description="The address people type; passkeys are bound to its host."
    )
    database_url: str | None = Field(
        None, description="postgresql://…; absent: the embedded PostgreSQL in the state folder."
    )
    database_direct_url: str | None = Field(
        None,
        description="The same database past a pooler such as PgBouncer, for what must keep one connection: listening, the "
        "worker's queue, migrations; absent: as above.",
    )
    redis_url: str | None = Field(
        None,
        description="redis://…, rediss://… or unix://… for live news between machines; absent: PostgreSQL carries them.",
    )
    blob_url: str | None = Field(None, description="s3://, gs://, az://…; absent: a folder in the state folder.")
    models_dir: Path = Field(Path(".cache/models"), description="Where the checked model files lie.")
    docker_host: str | None = Field(
        None, description="The Docker engine for candidates' code; absent: code items wait."
    )
    runner_images: str = Field(
        "invigil-runner", description="Images that candidates' code runs in are called NAME-FAMILY:current."
    )
    sandbox_runtime: str = Field("runc", description="OCI runtime for candidates' code: runc or runsc.")
    host: str = Field("127.0.0.1", description="Address the web processes listen on.")
    port: int = Field(8000, description="Port the web processes listen on.")
    web_workers: int = Field(2, ge=0, description="Web processes.")
    workers: int = Field(1, ge=0, description="Worker processes: one at least on one of the machines.")
    grace_minutes: int = Field(
        10, ge=0, le=120, description="Answers given in time may arrive so long after the end; late ones are labelled."
    )
    frame_retention_days: int = Field(
        30, description="Camera frames without a flag, and files that no answer names, are erased after so many days."
    )
    sound_retention_days: int = Field(30, ge=0, description="Sounds without a flag are erased after so many days.")
    clip_retention_days: int = Field(
        180, ge=0, description="Videos, pictures and sounds beside a flag are erased then."
    )
    reference_retention_days: int = Field(
        30, ge=0, description="Reference photos are erased so many days after the exam; their face numbers at its end."
    )
    reading_retention_days: int = Field(
        365,
        ge=0,
        description="What programs read in pictures and sounds, and what the exam page noted, is erased then.",
    )
    spot_check_least_seconds: int = Field(
        60,
        ge=5,
        description="Where candidates' computers look at their pictures, one picture is asked for by chance, this long after "
        "the one before at the earliest.",
    )
    spot_check_most_seconds: int = Field(180, ge=5, description="… and this long after it at the latest.")
    flag_retention_days: int = Field(730, ge=0, description="Flags are erased so many days after the exam.")
    smtp_host: str | None = Field(
        None, description="The mail server that takes our letters; absent: nothing is mailed."
    )
    smtp_port: int = Field(587, description="Its port: 587 with STARTTLS, 465 with TLS from the first byte.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the way to it is encrypted; `none` only for one on this machine, without a sign-in.",
    )
    smtp_user: str | None = Field(None, description="The user name there; absent: no sign-in.")
    smtp_password_file: Path | None = Field(
        None, description="A file with the password, readable by its owner only; there is no default."
    )
    mail_from: str | None = Field(None, description="The address that letters come from.")
    issuer_name: str = Field("Invigil Demonstration Institute", description="The name on certificates.")
    linkedin_organization: int | None = Field(
        None,
        ge=1,
        description="The number of the institution's page at LinkedIn, so that its logo shows beside certificates there; absent: "
        "the name alone.",
    )
    issuer_key: str | None = Field(
        None,
        description="Where the key that signs certificates is kept: `pkcs11:token=…;object=…?module-path=…`, "
        "`awskms:alias/…?region=…` or `file:….pem`; absent: in the key file, with the others.",
    )
    issuer_key_pin_file: Path | None = Field(
        None,
        description="A file with its PIN or passphrase, readable by its owner only; there is no default.",
    )
    look_up_issuers: bool = Field(
        False,
        description="Whether keys and status lists of other issuers are looked up when somebody checks one of their certificates: "
        "over https, from public addresses only. The other issuer sees that somebody asks.",
    )
    witness_policy: Path | None = Field(
        None,
        description="A file with the witnesses that cosign the public log and their quorum (c2sp.org/tlog-policy); absent: "
        "nobody is asked.",
    )
    vc_api_token_file: Path | None = Field(
        None,
        description="A file with the token that opens the VC-API at /vc-api, 32 characters or more, readable by its owner only; "
        "absent: there is no VC-API.",
    )
    anchor_hours: int = Field(
        24, ge=1, description="At most one head of the public log is anchored outside of it in so many hours."
    )
    anchor_tsa_url: str | None = Field(
        None, description="A time-stamping authority (RFC 3161); absent: none is asked. Needs `anchor_tsa_roots`."
    )
    anchor_tsa_roots: Path | None = Field(
        None, description="A PEM file with the root certificates that its time stamps must lead to."
    )
    anchor_calendars: str = Field("", description="Calendars of OpenTimestamps, comma-separated; empty: none is asked.")
    anchor_evm_url: str | None = Field(
        None, description="A node of an EVM chain (JSON-RPC); absent: none is asked. Needs `anchor_evm_key_file`."
    )
    anchor_evm_key_file: Path | None = Field(
        None,
        description="A file with the secret of the account that pays, in hexadecimal, readable by its owner only.",
    )
    anchor_evm_confirmations: int = Field(
        12, ge=0, description="Blocks that must lie on an anchor's block before it counts."
    )
    gallery: bool = Field(False, description="Show the component gallery at /_gallery (development only).")
    trusted_proxies: str = Field("127.0.0.1", description="Proxies whose X-Forwarded-For is believed, comma-separated.")

    @model_validator(mode="after")
    def _anchors_are_whole(self) -> Self:
        if (self.anchor_tsa_url is None) != (self.anchor_tsa_roots is None):
            raise ValueError("INVIGIL_ANCHOR_TSA_URL and INVIGIL_ANCHOR_TSA_ROOTS go together.")
        if (self.anchor_evm_url is None) != (self.anchor_evm_key_file is None):
            raise ValueError("INVIGIL_ANCHOR_EVM_URL and INVIGIL_ANCHOR_EVM_KEY_FILE go together.")
        return self

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host is None:
            return self
        if self.mail_from is None:
            raise ValueError("INVIGIL_SMTP_HOST needs INVIGIL_MAIL_FROM: letters must come from somewhere.")
        if (self.smtp_user is None) != (self.smtp_password_file is None):
            raise ValueError("INVIGIL_SMTP_USER and INVIGIL_SMTP_PASSWORD_FILE go together.")
        if self.smtp_user is not None and self.smtp_security == "none":
            raise ValueError("A mail password never travels in clear: choose starttls or tls in INVIGIL_SMTP_SECURITY.")
        return self

    @model_validator(mode="after")
    def _checks_have_room(self) -> Self:
        if self.spot_check_least_seconds > self.spot_check_most_seconds:
            raise ValueError("INVIGIL_SPOT_CHECK_LEAST_SECONDS is not above INVIGIL_SPOT_CHECK_MOST_SECONDS.")
        return self

    @property
    def direct_url(self) -> str:
        """The database without a pooler between."""
        return self.database_direct_url or self.database_url or ""

    @property
    def key_file(self) -> Path:
        return self.state_dir / "keys.json"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def host_name(self) -> str:
        """The passkeys' relying-party id: the host of `public_url` without scheme and port."""
        return self.public_url.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
