"""An installation whose VC-API is on."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from exam_api.settings import Settings
from tests.exam_api.certificates.conftest import award, hall, hand_in, release, workshop

__all__ = ["award", "hall", "hand_in", "release", "workshop"]  # an exam that earns a certificate

TOKEN = "thirty-two characters, or some more of them"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    file = tmp_path / "vc-api-token"
    file.touch(mode=0o600)
    file.write_text(f"{TOKEN}\n", "utf-8")
    return Settings(
        state_dir=tmp_path / "state",
        database_url=database_url,
        public_url="http://localhost:8000",
        vc_api_token_file=file,
    )


@pytest.fixture
def program(new_client: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """A program that holds the VC-API's token."""
    client = new_client()
    client.headers["authorization"] = f"Bearer {TOKEN}"
    return client
