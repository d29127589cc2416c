"""How many SQL statements each request of an exam costs. A number may fall; where it must grow, change it here and say why.

Counted are the statements of the request's own session; BEGIN, COMMIT and the queue's insert come on top.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event

from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.sitting import Sitting
from tests.factories import Person

MOST = {"statement": 8, "start": 2, "paper": 3, "sheet": 2, "room": 2, "save": 1, "clock": 2, "submit": 8}


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    """The statements that the application runs meanwhile."""
    here: Installation = app.state.lifespan_state["installation"]
    engine = here.sessions.kw["bind"].sync_engine
    said: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(" ".join(statement.split())[:120])

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


async def test_each_step_of_an_exam_has_its_number(
    app: FastAPI, sitting: Sitting, enrolled: Callable[..., Awaitable[Person]]
) -> None:
    someone = await enrolled()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    path = f"/api/attempts/{opened['id']}"
    (await someone.client.post(f"{path}/consent", json=consent)).raise_for_status()
    device = Device(someone.client, opened["id"])
    await device.send("POST", f"{path}/start/options", bare=True)  # the nonce, and the exam parsed once
    took: dict[str, int] = {}
    with counted(app) as said:
        asked = (await device.send("POST", f"{path}/start/options", bare=True)).raise_for_status().json()
        took["statement"] = len(said)
        said.clear()
        body = {"id": asked["id"], "credential": someone.authenticator.get(asked["options"])}
        granted = (await device.send("POST", f"{path}/start", body, bare=True)).raise_for_status().json()
        took["start"] = len(said)
        said.clear()
        device.token = granted["token"]
        await device.open_paper()
        took["paper"] = len(said)
        said.clear()
        (await device.send("GET", f"/attempts/{opened['id']}/sheet")).raise_for_status()
        took["sheet"] = len(said)
        said.clear()
        (await someone.client.get(f"/attempts/{opened['id']}/room")).raise_for_status()
        took["room"] = len(said)
        said.clear()
        await device.save("first", {"choice": ["a"]})
        said.clear()
        await device.save("second", {"text": "because it rains"})
        took["save"] = len(said)
        said.clear()
        await device.get(f"{path}/clock")
        took["clock"] = len(said)
        said.clear()
        await device.submit()
        took["submit"] = len(said)
    assert took == MOST
