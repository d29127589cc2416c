"""Without a token there is no VC-API at all."""

import httpx
import pytest

from exam_api.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"vc_api_token_file": None})


async def test_nothing_is_there(program: httpx.AsyncClient) -> None:
    for path in ("", "/status/1"):
        assert (await program.get(f"/vc-api{path}")).status_code == 404
    for path in ("/credentials/issue", "/credentials/verify", "/presentations/verify", "/credentials/status"):
        assert (await program.post(f"/vc-api{path}", json={})).status_code == 404
