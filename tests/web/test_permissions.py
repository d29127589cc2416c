"""What a page may ask of the machine: nothing, but for the few that say what they need."""

import pytest

from exam_api.web.headers import PERMISSIONS, permissions


@pytest.mark.parametrize("camera", [False, True])
@pytest.mark.parametrize("microphone", [False, True])
@pytest.mark.parametrize("screen", [False, True])
def test_a_page_gets_what_it_needs_and_nothing_else(*, camera: bool, microphone: bool, screen: bool) -> None:
    granted = permissions(camera=camera, microphone=microphone, screen=screen)
    for name, needed in (("camera", camera), ("microphone", microphone), ("display-capture", screen)):
        assert (f"{name}=(self)" in granted, f"{name}=()" in granted) == (needed, not needed)
    assert granted.replace("(self)", "()") == PERMISSIONS
    assert "geolocation=()" in granted
