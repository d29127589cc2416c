"""The review pages as a browser without JavaScript walks through them."""

import re
from typing import Any

import httpx

from tests.exam_api.certificates.conftest import Hall, HandIn
from tests.exam_api.reviews.conftest import Noticed

HTML = {"accept": "text/html"}


async def page(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"", answer.text)
    return answer.text


async def send(client: httpx.AsyncClient, path: str, shown: str, **fields: Any) -> httpx.Response:
    """Send a form of the shown page, with its token and its hidden fields."""
    form = shown[shown.index(f'class="form" action="{path}"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]))
    return await client.post(path, data={**hidden, **fields}, headers=HTML)


async def test_the_queue_and_the_release(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    staff = hall.instructor.client
    assert "Nothing to review yet" in await page(staff, "/reviews")
    flagged, clean = [await hand_in(name=name) for name in ("Abel Flagged", "Carl Clean")]
    await noticed.flag(flagged.attempt)
    shown = await page(staff, "/reviews")
    assert shown.index("Abel Flagged") < shown.index("Carl Clean")
    assert "needs a decision" in shown
    assert f'href="/reviews/{flagged.attempt}"' in shown
    assert "1 candidate" in shown
    assert (await staff.get("/reviews", params={"sitting": "00000000-0000-4000-8000-000000000000"})).status_code == 404

    release = f"/sittings/{hall.id}/release"
    shown = await page(staff, release)
    assert "a person must decide first" in shown
    answer = await send(staff, release, shown, confirmation="yes", attempts=[clean.attempt])
    assert (answer.status_code, "Nothing was released" in answer.text) == (422, True)
    answer = await send(staff, release, shown, confirmation="release")
    assert (answer.status_code, "at least one" in answer.text) == (422, True)
    answer = await send(staff, release, shown, confirmation="Release", attempts=[clean.attempt])
    assert "1 result was released" in answer.text
    assert "released" in await page(staff, f"/reviews?sitting={hall.id}&everybody=true")


async def test_one_attempt_after_another(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    staff = hall.instructor.client
    first, second = [await hand_in(name=name) for name in ("Abel First", "Beth Second")]
    for script in (first, second):
        await noticed.flag(script.attempt)
    path = f"/reviews/{first.attempt}"
    assert (await staff.get(f"/attempts/{first.attempt}/review", headers=HTML)).headers["location"] == path
    shown = await page(staff, path)
    for said in (
        "Two faces were seen for &lt;9&gt; s.",
        "A poster with a face",
        "was erased when its time was over",
        f'src="/api/attempts/{first.attempt}/frames/1"',
        "whole: ",
        "next flag",
        "<svg xmlns",
        "The picture in words",
        "Which knot joins",
        f'href="/reviews/{second.attempt}"',
    ):
        assert said in shown, said
    wrong = await send(staff, path, shown, outcome="no_concern", reason=" ")
    assert (wrong.status_code, "3 to 2,000" in wrong.text) == (422, True)
    wrong = await send(staff, path, shown, reason="I forgot to choose.")
    assert (wrong.status_code, "I forgot to choose." in wrong.text) == (422, True)
    answer = await send(staff, path, shown, outcome="no_concern", reason="A poster.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/reviews/{second.attempt}?said=decided")
    assert "Your decision is kept" in await page(staff, answer.headers["location"])
    assert "A poster." in await page(staff, path)


async def test_something_new_while_one_looks_and_then_a_void(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    staff = hall.instructor.client
    script = await hand_in()
    path = f"/reviews/{script.attempt}"
    shown = await page(staff, path)
    await noticed.flag(script.attempt, "medium", "away", frames=0)
    late = await send(staff, path, shown, outcome="no_concern", reason="A mirror.")
    assert (late.status_code, "came up while you looked" in late.text, "A mirror." in late.text) == (409, True, True)
    for typed in ({}, {"confirmation": "yes"}):
        unsure = await send(staff, path, late.text, outcome="void", reason="Somebody else sat it.", **typed)
        assert (unsure.status_code, "Nothing was decided" in unsure.text) == (422, True)
        assert "Somebody else sat it." in unsure.text
    answer = await send(staff, path, late.text, outcome="void", reason="Somebody else sat it.", confirmation="Void")
    assert answer.headers["location"] == f"/reviews?sitting={hall.id}&said=last"
    assert "Nobody here needs a person" in await page(staff, answer.headers["location"])
    shown = await page(staff, path)
    assert "This attempt is voided" in shown
    assert "Result: " not in shown
    assert "Result so far" not in shown
    assert 'name="outcome"' not in shown
    assert "voided" in await page(staff, f"/reviews?sitting={hall.id}&everybody=true")


async def test_a_flag_about_the_picture_counts_nowhere(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    """Live, reviews, results and the attempt's own page say the same; the page shows it apart."""
    staff = hall.instructor.client
    script = await hand_in(name="Dana Dark")
    await noticed.flag(script.attempt, "quality", "poor_picture")
    shown = await page(staff, f"/reviews/{script.attempt}")
    assert "About the picture only" in shown
    assert "No rule about behaviour fired." in shown
    assert "1 flag" not in await page(staff, f"/sittings/{hall.id}/live")
    assert "1 flag" not in await page(staff, f"/sittings/{hall.id}/results")
    (row,) = (await staff.get(f"/api/reviews?sitting={hall.id}")).json()["rows"]
    assert row["flags"] == 0
    shown = await page(staff, f"/sittings/{hall.id}/release")
    assert "Dana Dark" in shown
    assert "every flag was looked at" not in shown
    await noticed.flag(script.attempt, "low", "away", frames=0)
    assert "1 flag" in await page(staff, f"/sittings/{hall.id}/live")
    assert "1 flag" in await page(staff, f"/sittings/{hall.id}/results")


async def test_clearing_those_without_a_flag(hall: Hall, hand_in: HandIn, noticed: Noticed) -> None:
    staff = hall.instructor.client
    one, other, flagged = [await hand_in(name=name) for name in ("Abel One", "Beth Other", "Carl Flagged")]
    await noticed.flag(flagged.attempt, frames=0)
    shown = await page(staff, "/reviews")
    assert "2 candidates" in shown
    assert (await send(staff, "/reviews/clear", shown, reason=" ")).status_code == 422
    answer = await send(staff, "/reviews/clear", shown, reason="No flag, no finding.")
    shown = await page(staff, answer.headers["location"])
    assert "Cleared." in shown
    assert "Abel One" not in shown
    assert "Carl Flagged" in shown
    for script in (one, other):
        assert "No flag, no finding." in await page(staff, f"/reviews/{script.attempt}")
    assert "No flag, no finding." not in await page(staff, f"/reviews/{flagged.attempt}")


async def test_a_form_without_its_token_changes_nothing(hall: Hall, hand_in: HandIn) -> None:
    script = await hand_in()
    sent = {"outcome": "void", "reason": "No token.", "confirmation": "release", "attempts": script.attempt}
    for path in (f"/reviews/{script.attempt}", "/reviews/clear", f"/sittings/{hall.id}/release"):
        assert (await hall.instructor.client.post(path, data=sent, headers=HTML)).status_code == 403
