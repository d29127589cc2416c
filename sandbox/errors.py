"""Everything that can go wrong in the sandbox. A candidate's fault is a verdict, never one of these."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox could not do what was asked."""

    def __str__(self) -> str:
        said = super().__str__()
        sentence = (type(self).__doc__ or "").strip()
        return f"{sentence} ({said})" if said else sentence


class InvalidJob(SandboxError, ValueError):
    """This job breaks a rule of the sandbox; correct the named value and try again."""


class SandboxFailure(SandboxError):
    """The sandbox itself failed, so nothing is known about the program; try again or ask the operator."""


class EngineUnavailable(SandboxFailure):
    """The container engine does not answer; start it, or check DOCKER_HOST with `python -m sandbox doctor`."""


class RuntimeUnknown(SandboxFailure):
    """The engine has no container runtime of this name; register it with the engine, or choose one that it has."""


class EngineStopped(SandboxFailure):
    """The engine was told to stop, so this was broken off; nothing is known about the program."""


class EngineUnsafe(SandboxFailure):
    """A program that must be held got through on this engine, so nothing runs on it; see `python -m sandbox selftest`."""


class ImageMissing(SandboxFailure):
    """The runner image of this language is not on the engine; build it with `python3 deploy/runner_image.py FAMILY`."""


class SupervisorBroken(SandboxFailure):
    """The supervisor inside the container answered out of form; rebuild the runner image and try again."""


class ContainerGone(SandboxFailure):
    """The container ended, or the connection to it broke, before every run had been answered; try again."""


class Overrun(SandboxFailure):
    """The container outlived the time its limits allow, so it was removed; the machine may be overloaded."""
