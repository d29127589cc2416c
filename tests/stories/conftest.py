"""One real platform, one Chromium, one set of seeds for all stories of a run."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.stories.mail import MAIL_PORT, mail_to
from tests.stories.processes import Platform
from tests.stories.seed import Seeds, plant
from tests.stories.visitor import Visitor, chromium

# Two cores are shared by a browser, two web processes, a worker and PostgreSQL.
expect.set_options(timeout=20_000)
# The longest begin first, so that all workers end together.
LONGEST = (
    "test_pages",
    "test_outages",
    "test_watched",
    "test_on_device",
    "test_kills",
    "test_candidate",
    "test_programs",
    "test_uploads",
    "test_tools",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the platform starts processes and takes seconds."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "platform" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def started() -> Iterator[Platform]:
    """The platform's processes, perhaps not answering yet.

    Not under pytest's own folder: as root PostgreSQL runs as another user, and each run of pytest closes that folder to others.
    """
    with tempfile.TemporaryDirectory(prefix="invigil-stories-", ignore_cleanup_errors=True) as folder:
        # One minute of grace, so that its end can be lived to see; checks by chance come as often as they may.
        short = {
            "INVIGIL_GRACE_MINUTES": "1",
            "INVIGIL_SPOT_CHECK_LEAST_SECONDS": "5",
            "INVIGIL_SPOT_CHECK_MOST_SECONDS": "8",
        }
        platform = Platform(Path(folder) / "state", settings={**short, **mail_to(MAIL_PORT)})
        platform.start()
        yield platform
        platform.stop()


@pytest.fixture(scope="session")
async def platform(started: Platform) -> Platform:
    """The running platform."""
    await started.until_up()
    return started


@pytest.fixture(scope="session")
async def seeds(platform: Platform) -> AsyncIterator[Seeds]:
    """Staff, course, exams."""
    seeds = await plant(platform)
    yield seeds
    await seeds.close()


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium with a film for a camera."""
    async with chromium(tmp_path_factory.mktemp("camera")) as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser, platform: Platform) -> AsyncIterator[Callable[..., Any]]:
    """`await visit()`: somebody at a browser of their own; at the end no page may have complained."""
    visitors: list[Visitor] = []

    async def come(**options: Any) -> Visitor:
        visitors.append(await Visitor.come(browser, platform.url, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        await visitor.leave()
