"""Long outages at a phone and a desktop. They are told at the same time, because each of them waits for minutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.async_api import Browser

from tests.stories import outages
from tests.stories.outages import Place
from tests.stories.seed import Seeds
from tests.stories.visitor import DEVICES

Story: TypeAlias = Callable[[Place], Coroutine[Any, Any, None]]
Chosen: TypeAlias = tuple[Story, str]  # the story, and at which device
STORIES: list[Story] = [
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
) -> AsyncIterator[dict[Chosen, asyncio.Task[None]]]:
    """Every story that this run asks for, begun."""
    folder: Path = tmp_path_factory.mktemp("outages")
    asked = [
        item for item in request.session.items if isinstance(item, pytest.Function) and item.module is request.module
    ]
    tasks: dict[Chosen, asyncio.Task[None]] = {}
    for item in asked:
        chosen: Chosen = item.callspec.params["story"]  # type: ignore[assignment]  # parametrized below
        tasks[chosen] = asyncio.create_task(chosen[0](Place(seeds, browser, chosen[1], folder)))
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("story", TOLD)
async def test_an_outage(story: Chosen, told: dict[Chosen, asyncio.Task[None]]) -> None:
    await told[story]
