import httpx

from exam_api.installation import Installation
from tests.factories import person, sign_in


async def test_a(client: httpx.AsyncClient, installation: Installation) -> None:
    ada = await person(client, installation, "operator")
    me = (await client.get("/api/me")).json()
    assert me["roles"] == ["operator"]
    client.cookies.clear()
    assert (await client.get("/api/me")).status_code == 401
    answer = await sign_in(client, ada.authenticator)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == str(ada.id)
