"""An exam that is open now, its roster, and the way through the door for those who need no camera."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from loadtests.device import Device
from loadtests.people import Person
from loadtests.publishing import publish


async def open_sitting(
    instructor: Person, exam: str, title: str, candidates: int, *, minutes: int = 180
) -> tuple[str, dict[str, str]]:
    """Publish `exam`, open a sitting for so many; its id, and the activation code of each e-mail address."""
    made = await instructor.call("POST", "/api/exams", {"source": exam})
    await publish(instructor, made["id"])
    now = datetime.now(UTC)
    body = {
        "exam_id": made["id"],
        "title": title,
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(minutes=minutes + 60)).isoformat(),
        "minutes": minutes,
        "roster": [{"email": f"c{n}.{now:%H%M%S}@example.org", "name": f"Candidate {n}"} for n in range(candidates)],
    }
    sitting = await instructor.call("POST", "/api/sittings", body)
    return str(sitting["id"]), {row["email"]: row["activation_code"] for row in sitting["roster"]}


async def begin(person: Person, sitting: str) -> Device:
    """Consent and start with the passkey's signature; for exams without a camera."""
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    device = Device(person.client, opened["id"])
    await device.sign("start", person.authenticator)
    return device
