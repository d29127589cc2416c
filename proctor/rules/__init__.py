"""The table of rules: to add one, write its file and name it here."""

from proctor.flag import Rule
from proctor.rules.absence import Absence
from proctor.rules.away_from_page import HiddenPage, LeftFullscreen, LostFocus
from proctor.rules.device_change import DeviceChange
from proctor.rules.other_person import OtherPerson
from proctor.rules.paste import LongPaste
from proctor.rules.picture_quality import CameraGap, PoorPicture
from proctor.rules.several_faces import SeveralFaces

RULES: tuple[Rule, ...] = (
    Absence(),
    SeveralFaces(),
    OtherPerson(),
    HiddenPage(),
    LostFocus(),
    LeftFullscreen(),
    LongPaste(),
    DeviceChange(),
    PoorPicture(),
    CameraGap(),
)

__all__ = ["RULES"]
