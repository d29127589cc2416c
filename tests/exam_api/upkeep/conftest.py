"""Certificates of an exam that says how they are renewed; they may be renewed from their first day on."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from os import urandom

import httpx
import pytest

from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import EXAM, Award, Hall, HandIn, award, hand_in, release, workshop
from tests.factories import Person, open_sitting, person, published_exam

__all__ = ["HTML", "Award", "Hall", "HandIn", "award", "hall", "hand_in", "later", "release", "send", "workshop"]
HTML = {"accept": "text/html"}
RULE = "  suspendable: true\n  renewal: {credits: 20, window_days: 3660, or_exam: true}\n"
RENEWED = EXAM.replace("  valid_years: 2\n", f"  valid_years: 2\n{RULE}")


@pytest.fixture
async def registrar(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Person:
    return await person(new_client(), installation, "operator", name="Rita Registrar")


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, RENEWED)
    return Hall((await open_sitting(instructor, version=version))["id"], instructor)


def later(installation: Installation, days: float) -> Workshop:
    """A worker so many days from now."""
    return Workshop(
        installation,
        lambda: datetime.now(UTC) + timedelta(days=days),
        urandom,
        run_job=None,
        embed=None,
        analyser=None,
    )


async def send(client: httpx.AsyncClient, at: str, path: str, **fields: str) -> httpx.Response:
    """Fill in the form for `path` on the page `at`, as a browser does."""
    page = (await client.get(at, headers=HTML)).raise_for_status().text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page[page.index(f'action="{path}"') :])
    assert token
    return await client.post(path, data={"csrf_token": token[1], **fields}, headers=HTML)
