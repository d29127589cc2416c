"""Long outages at a phone and a desktop. They are told at the same time, because each of them waits for minutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.stories import outages
from tests.stories.outages import Place
from tests.stories.seed import Seeds
from tests.stories.visitor import DEVICES

STORIES: list[Callable[[Place], Awaitable[None]]] = [
    outages.network,
    outages.server,
    outages.lid,
    outages.in_grace,
    outages.after_grace,
]
TOLD = [pytest.param((story, device), id=f"{story.__name__}-{device}") for story in STORIES for device in DEVICES]


@pytest.fixture(scope="module")
async def told(
    request: pytest.FixtureRequest, seeds: Seeds, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[object, asyncio.Task[None]]]:
    """Every story that this run asks for, begun."""
    folder: Path = tmp_path_factory.mktemp("outages")
    wanted = [
        item.callspec.params["story"]
        for item in request.session.items
        if getattr(item, "module", None) is request.module
    ]
    tasks = {
        (story, device): asyncio.create_task(story(Place(seeds, browser, device, folder))) for story, device in wanted
    }
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("story", TOLD)
async def test_an_outage(story: object, told: dict[object, asyncio.Task[None]]) -> None:
    await told[story]
