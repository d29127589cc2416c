"""Through a page by Tab alone: every stop is seen and marked, nothing covers it, and the way leads out again."""

from __future__ import annotations

from playwright.async_api import Page

MOST = 300  # stops of a page
SEEN = ("shown", "inside", "clear")
# What has the focus: `shown` its mark, `inside` the screen, `clear` of whatever sticks to an edge of it.
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  at.getBoundingClientRect(); // a skip link slides: both ends of it at once
  for (const each of document.getAnimations()) if (each.effect.getComputedTiming().iterations !== Infinity) each.finish();
  const [box] = at.getClientRects().length ? at.getClientRects() : [at.getBoundingClientRect()]; // of a link in two lines the first
  const marked = (e) => getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2;
  const drawn = (e) => e.matches('svg a') && [...e.querySelectorAll('rect')].some((r) => parseFloat(getComputedStyle(r).strokeWidth) >= 3);
  const shown = marked(at) || drawn(at) || [...at.querySelectorAll('*'), at.parentElement].some((e) => e && marked(e))
    || ['::before', '::after'].some((part) => getComputedStyle(at, part).outlineStyle !== 'none');
  // A text field is scrolled to its caret and no further; what scrolls by itself may be taller than the screen.
  const least = at.matches('textarea') ? 40 : at.matches('[tabindex]') ? innerHeight / 4 : box.height;
  const seen = Math.min(box.bottom, innerHeight + 1) - Math.max(box.top, -1);
  const inside = box.width > 0 && seen >= Math.min(least, box.height) && box.right > 0 && box.left < innerWidth;
  const hits = (x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (at.contains(hit) || hit.contains(at) || hit.closest('label')?.contains(at));
  };
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const clear = [0.2, 0.5, 0.8].every((y) => hits((left + right) / 2, top + (bottom - top) * y));
  window.walked ??= [];
  const number = window.walked.includes(at) ? window.walked.indexOf(at) : window.walked.push(at) - 1;
  return { shown, inside, clear, number, parts: at.matches('[type="date"], [type="time"], [type="datetime-local"], audio, video'), what: at.outerHTML.slice(0, 120) };
}"""


async def problems_on_the_way(page: Page) -> list[str]:
    """Walk once from the top to the end of the page; what is wrong on the way."""
    problems: list[str] = []
    await page.evaluate(
        "() => { document.activeElement?.blur(); getSelection().removeAllRanges(); scrollTo(0, 0); window.walked = []; }"
    )
    last = -1
    for _ in range(MOST):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(STOP)
        if stop is not None and stop["number"] == last and stop["parts"]:
            continue  # day, month and year; play and louder
        if stop is not None and stop["number"] == last:  # a field that keeps Tab for itself until Escape
            await page.keyboard.press("Escape")
            await page.keyboard.press("Tab")
            stop = await page.evaluate(STOP)
        if stop is None or stop["number"] < last:
            return problems
        if stop["number"] == last:
            return [*problems, f"Tab does not leave {stop['what']}"]
        last = stop["number"]
        problems += [f"not {what}: {stop['what']}" for what in SEEN if not stop[what]]
    return [*problems, f"more than {MOST} stops"]
