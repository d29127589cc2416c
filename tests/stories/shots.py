"""`make shots`: a picture of every page into shots/, phone and desktop, light and dark, with an index to look through."""

from __future__ import annotations

import asyncio
import html
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import Page

from tests.stories.pages import PAGES, Shown
from tests.stories.processes import ROOT, Platform
from tests.stories.seed import plant
from tests.stories.visitor import DESKTOP, PHONE, chromium, settled
from tests.stories.world import World, make

OUT = ROOT / "shots"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES = ("light", "dark")
STYLE = (
    "body{font:16px sans-serif;margin:1rem}section{margin-block:2rem}div{display:flex;gap:1rem;align-items:start}"
    "img{border:1px solid #888}.desktop{width:38%}.phone{width:10%}"
)


def say(text: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"shots: {text}\n")
    sys.stdout.flush()


async def shoot(page: Page, shown: Shown, world: World) -> list[str]:
    """The four pictures of one page; their file names."""
    files: list[str] = []
    answer = await page.goto(shown.address(world.ids))
    if answer is None or not answer.ok:
        say(f"{shown.name} answered {answer.status if answer else 'nothing'}")
        return files
    await page.locator(shown.wait_for).first.wait_for(state="visible")
    for size, viewport in SIZES.items():
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a plain dict is a ViewportSize
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # a literal
            await settled(page)
            files.append(f"{shown.name}-{size}-{scheme}.png")
            await page.screenshot(path=OUT / files[-1], full_page=True, animations="disabled")
    return files


def index(shots: dict[str, list[str]]) -> str:
    """One page that shows all pictures."""
    sections = "".join(
        f"<section><h2>{html.escape(name)}</h2><div>"
        + "".join(
            f'<a class="{"phone" if "-phone-" in file else "desktop"}" href="{file}"><img loading="lazy" alt="{file}" src="{file}" width="100%"></a>'
            for file in files
        )
        + "</div></section>"
        for name, files in shots.items()
    )
    return f'<!doctype html><meta charset="utf-8"><title>Shots</title><style>{STYLE}</style>{sections}'


async def take(folder: Path, wanted: list[str]) -> None:
    """Start a platform, make the world, walk through the table."""
    platform, began = Platform(folder / "state"), time.monotonic()
    platform.start()
    try:
        say(f"the platform is up after {await platform.until_up():.0f} s")
        async with chromium(folder) as browser:
            seeds = await plant(platform)
            world = await make(seeds, browser, folder)
            say(f"the world is made after {time.monotonic() - began:.0f} s")
            shots = {}
            for shown in PAGES:
                if wanted and shown.name not in wanted:
                    continue
                shots[shown.name] = await shoot(world.browsers[shown.role].page, shown, world)
                say(f"{shown.name} ({len(shots)} of {len(wanted) or len(PAGES)})")
            (OUT / "index.html").write_text(index(shots))
            say(f"look at {OUT / 'index.html'} ({time.monotonic() - began:.0f} s)")
            await seeds.close()
    finally:
        platform.stop()


def main() -> None:
    """All pages, or those named on the command line."""
    wanted = sys.argv[1:]
    if not wanted:
        shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shots") as folder:
        asyncio.run(take(Path(folder), wanted))


if __name__ == "__main__":
    main()
