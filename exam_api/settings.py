"""Every variable of the platform, in one frozen place. Only the composition roots read it."""

from pathlib import Path

from pydantic import Field
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
    blob_url: str | None = Field(None, description="s3://, gs://, az://…; absent: a folder in the state folder.")
    models_dir: Path = Field(Path(".cache/models"), description="Where the checked model files lie.")
    docker_host: str | None = Field(
        None, description="The Docker engine for candidates' code; absent: code items wait."
    )
    runner_image: str | None = Field(None, description="Name of the runner image; absent: the newest one built here.")
    sandbox_runtime: str = Field("runc", description="OCI runtime for candidates' code: runc or runsc.")
    host: str = Field("127.0.0.1", description="Address the web processes listen on.")
    port: int = Field(8000, description="Port the web processes listen on.")
    web_workers: int = Field(2, description="Web processes.")
    grace_minutes: int = Field(
        10,
        ge=0,
        le=60,
        description="Answers given in time may arrive so long after the end, where a sitting says nothing else; "
        "late ones are labelled.",
    )
    frame_retention_days: int = Field(30, description="Camera frames without a flag are erased after so many days.")
    issuer_name: str = Field("Invigil Demonstration Institute", description="The name on certificates.")
    gallery: bool = Field(False, description="Show the component gallery at /_gallery (development only).")
    trusted_proxies: str = Field("127.0.0.1", description="Proxies whose X-Forwarded-For is believed, comma-separated.")

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
