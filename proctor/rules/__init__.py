"""The table of rules: to add one, write its file and name it here."""

from proctor.flag import Rule
from proctor.rules.absence import Absence
from proctor.rules.away_from_page import HiddenPage, LeftFullscreen, LostFocus
from proctor.rules.copy_cut import CopiedText, Printed
from proctor.rules.device_change import DeviceChange
from proctor.rules.display import SecondDisplay
from proctor.rules.network import ClockJump, NetworkGap
from proctor.rules.other_person import OtherPerson
from proctor.rules.paste import LongPaste
from proctor.rules.picture_quality import CameraGap, PoorPicture
from proctor.rules.rhythm import ChangedRhythm
from proctor.rules.screen_share import PartOfScreen, ShareEnded
from proctor.rules.several_faces import SeveralFaces
from proctor.rules.sound_quality import MicrophoneSilent, SoundGap
from proctor.rules.speech import SecondVoice, Speech

RULES: tuple[Rule, ...] = (
    Absence(),
    SeveralFaces(),
    OtherPerson(),
    HiddenPage(),
    LostFocus(),
    LeftFullscreen(),
    Speech(),
    SecondVoice(),
    LongPaste(),
    CopiedText(),
    Printed(),
    SecondDisplay(),
    ShareEnded(),
    PartOfScreen(),
    DeviceChange(),
    PoorPicture(),
    CameraGap(),
    MicrophoneSilent(),
    SoundGap(),
    NetworkGap(),
    ClockJump(),
)
OPTIONAL: tuple[Rule, ...] = (ChangedRhythm(),)  # only where an exam asks for them

__all__ = ["OPTIONAL", "RULES"]
