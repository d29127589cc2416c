"""What was agreed with a candidate, and which rules therefore stay silent: one visible table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

_AWAY: Final = ("absence", "hidden_page", "lost_focus", "left_fullscreen", "camera_gap", "share_ended")
_EYES: Final = ("looking_away", "repeated_glances", "looking_down", "eyes_closed")
_MOUTH: Final = ("speaking",)

SUPPRESSES: Final[dict[str, frozenset[str]]] = {
    # agreed with the candidate → rules that say nothing about this person
    # Blinking, turning and watching for colours are asked of eyes and neck: who was promised that these do not count is not
    # asked. Films and repeated pictures still say when there is no person.
    "no_gaze": frozenset({*_EYES, "sign_of_life_missing"}),
    "breaks": frozenset(_AWAY),
    "screen_reader": frozenset(
        {"speech", "second_voice", "lost_focus", *_EYES, "long_paste", "changed_rhythm", "sign_of_life_missing"}
    ),
    "second_person": frozenset({"several_faces", "speech", "second_voice", *_MOUTH}),
    "tics": frozenset({*_EYES, *_MOUTH, "speech", "second_voice", "changed_rhythm", "sign_of_life_missing"}),
    "medical_sounds": frozenset({"speech", "second_voice", "device_change"}),
}


@dataclass(frozen=True)
class Profile:
    """What was agreed. Nothing by default."""

    no_gaze: bool = False
    breaks: bool = False
    screen_reader: bool = False
    second_person: bool = False
    tics: bool = False
    medical_sounds: bool = False

    @property
    def agreed(self) -> tuple[str, ...]:
        """Names of what was agreed, in the table's order."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name))

    def suppressed_by(self, rule: str) -> tuple[str, ...]:
        """What in this profile keeps `rule` silent; empty when the rule speaks."""
        return tuple(name for name in self.agreed if rule in SUPPRESSES[name])
