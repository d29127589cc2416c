"""The gallery in a real browser, under the real content security policy: nothing clipped, nothing too small, no violation."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from exam_api.web.headers import CSP
from exam_api.web.i18n import WEB
from exam_api.web.render import GalleryPage, Renderer, RequestContext

pytestmark = pytest.mark.browser

OpenGallery = Callable[..., Page]
AXE = Path(__file__).parents[2] / ".cache" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCROLLS = ".table-wrap, .bar__nav, .tabs, pre, textarea, dialog, .visually-hidden"
TOO_WIDE = f"""() => [...document.querySelectorAll('body *')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('{SCROLLS}'))
  .map((e) => e.outerHTML.slice(0, 100))"""
# WCAG 2.2, 2.5.8 asks for 24 px; we ask for 44. A link inside a sentence is exempt there too.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter((e) => e.checkVisibility() && !e.closest('p, .choice, .pens__one, .card__title, .skip'))
  .filter((e) => e.getBoundingClientRect().height < 43.5)
  .map((e) => e.outerHTML.slice(0, 100))"""


class Quiet(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CSP)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "static").symlink_to(WEB / "static")
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_gallery(
    browser: Browser, site: Path, address: str, renderer: Renderer, request_by: Callable[..., RequestContext]
) -> Iterator[OpenGallery]:
    """Opens the gallery and collects what the browser complains about."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_at(width: int, scheme: Literal["light", "dark"] = "light", **changes: object) -> Page:
        (site / "index.html").write_text(renderer.html(GalleryPage(), request_by(**changes)), "utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_is_clipped_small_or_inaccessible(
    open_gallery: OpenGallery, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = open_gallery(width, scheme, locale="de" if width == 320 else "en")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(TOO_SMALL) == []
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_the_theme_switch_changes_the_page_at_once_and_is_remembered(open_gallery: OpenGallery) -> None:
    page = open_gallery(1280, "light")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.locator("[data-preferences] summary").click()
    page.get_by_role("radio", name="Dark", exact=True).check()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(paper) != light
    assert {each["name"]: each["value"] for each in page.context.cookies()} == {"theme": "dark"}
    page.keyboard.press("Escape")
    assert page.locator("[data-preferences]").get_attribute("open") is None


def test_the_dialog_opens_keeps_the_focus_and_gives_it_back(open_gallery: OpenGallery) -> None:
    page = open_gallery(1280)
    opener = page.get_by_role("button", name="Submit the exam")
    opener.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog", name="Submit now?").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert page.evaluate("document.activeElement.textContent") == opener.text_content()


def test_the_skip_link_is_first_and_visible_when_reached(open_gallery: OpenGallery) -> None:
    page = open_gallery(1280)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.reload()
    page.locator("body").press("Home")
    skip = page.get_by_role("link", name="Skip to the content")
    skip.focus()
    box = skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    skip.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_tabs_move_by_arrow_keys(open_gallery: OpenGallery) -> None:
    page = open_gallery(1280)
    page.get_by_role("link", name="Next 2").focus()
    for key, reached in (("ArrowRight", "Results 11"), ("End", "Certificates"), ("ArrowRight", "Next 2")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.textContent.trim()") == reached


def test_a_form_is_sent_once(open_gallery: OpenGallery) -> None:
    page = open_gallery(1280)
    sent = page.evaluate(
        """() => {
          const form = document.querySelector('form[data-once]');
          const arrived = [];
          form.addEventListener('submit', (event) => { arrived.push(!event.defaultPrevented); event.preventDefault(); });
          for (const field of form.querySelectorAll('[required]')) field.required = false;
          form.noValidate = true;
          form.requestSubmit();
          form.requestSubmit();
          return arrived;
        }"""
    )
    assert sent == [True, False]


def test_a_message_can_be_shown_and_dismissed(open_gallery: OpenGallery, address: str) -> None:
    page = open_gallery(360)
    page.evaluate("(from) => import(`${from}/static/js/toasts.js`).then(({toast}) => toast('ok', 'Kept.'))", address)
    shown = page.locator("[data-toasts] [data-toast]")
    assert shown.inner_text().strip() == "Kept."
    shown.get_by_role("button").click()
    assert shown.count() == 0


def test_without_scripts_the_page_still_works(browser: Browser, open_gallery: OpenGallery, address: str) -> None:
    open_gallery(360)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(address)
    page.locator("[data-menu] summary").first.click()
    assert page.get_by_role("group", name="Appearance").is_visible()
    context.close()
