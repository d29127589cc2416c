"""All rows, in the order of their numbers."""

from __future__ import annotations

from typing import Final

from sandbox.hostile import (
    channels,
    compilers,
    crowd,
    endings,
    files,
    interactive,
    kernel,
    logs,
    network,
    output,
    resources,
    secrets,
    storage,
    supervisor,
)
from sandbox.hostile.probe import Probe

THEMES: Final = (
    resources.PROBES,
    storage.PROBES,
    output.PROBES,
    endings.PROBES,
    supervisor.PROBES,
    kernel.PROBES,
    network.PROBES,
    secrets.PROBES,
    files.PROBES,
    channels.PROBES,
    compilers.PROBES,
    logs.PROBES,
    crowd.PROBES,
    interactive.PROBES,
)
PROBES: Final[tuple[Probe, ...]] = tuple(
    sorted((probe for theme in THEMES for probe in theme), key=lambda one: one.number)
)
