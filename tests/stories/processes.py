"""The platform that the stories run against, under the name they know it by."""

from loadtests.platform import PATIENCE, ROOT, Platform, docker_host, free_port

__all__ = ["PATIENCE", "ROOT", "Platform", "docker_host", "free_port"]
