"""How a worker goes on after a job that did not succeed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pgqueuer import Job, RetryRequested
from sqlalchemy.exc import TimeoutError as NoConnection

from exam_api.installation import Workshop
from exam_api.worker import TRIES, patient


def failing(error: Exception) -> Any:
    async def task(workshop: Workshop, payload: dict[str, Any]) -> None:
        raise error

    return patient("a task", task, cast(Workshop, None))


def tried(times: int) -> Job:
    return cast(Job, SimpleNamespace(payload=b"{}", attempts=times))


@pytest.mark.parametrize("times", [0, TRIES - 1, 50])
async def test_a_job_that_found_no_connection_free_is_never_given_up(times: int) -> None:
    with pytest.raises(RetryRequested) as again:
        await failing(NoConnection("all are in use"))(tried(times))
    assert again.value.delay.total_seconds() <= 16


async def test_a_job_that_fails_is_tried_again_and_then_kept_for_the_operator() -> None:
    with pytest.raises(RetryRequested):
        await failing(ValueError("a mistake of ours"))(tried(TRIES - 2))
    with pytest.raises(ValueError, match="a mistake of ours"):
        await failing(ValueError("a mistake of ours"))(tried(TRIES - 1))
