"""The examples of docs/code-questions.md are items, and their references earn all points on the real engine."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from grading import public, read_item
from grading.item import to_data
from grading.kinds.code import Code
from grading.kinds.code.reference import check_reference, read_reference
from sandbox.engines.docker import DockerEngine
from sandbox.job import Result
from sandbox.run import run
from tests.grading.programs.conftest import docker_host, engine
from tests.grading.samples import ROOT

__all__ = ["docker_host", "engine"]

TEXT = (ROOT / "docs" / "code-questions.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
EACH = pytest.mark.parametrize("data", EXAMPLES, ids=lambda data: data["id"])


@EACH
def test_an_example_is_an_item(data: dict[str, Any]) -> None:
    item = read_item(data)
    assert read_item(to_data(item)) == item
    shown = str(public(item))
    for key in ("reference", "checker", "interactor"):
        assert data.get(key, {}).get("source", "never") not in shown


@pytest.mark.docker
@EACH
def test_its_reference_passes_with_room(engine: DockerEngine, data: dict[str, Any]) -> None:
    item = read_item(data)
    assert isinstance(item, Code)
    results: list[Result] = []
    while works := check_reference(item, results):
        results += [run(work, engine) for work in works]
    # How long it took by the clock says how busy this machine is.
    assert [said for said in read_reference(item, results) if "by the clock" not in said] == []
