"""The table of rules: to add one, write its file and name it here."""

from proctor.flag import Rule
from proctor.rules.absence import Absence
from proctor.rules.attention import EyesClosed, LookingAway, LookingDown, RepeatedGlances
from proctor.rules.away_from_page import HiddenPage, LeftFullscreen, LostFocus
from proctor.rules.copy_cut import CopiedText, Printed
from proctor.rules.device_change import DeviceChange
from proctor.rules.device_word import DeviceDiffers, DeviceSilent, DeviceUnreached
from proctor.rules.display import SecondDisplay
from proctor.rules.life import FilmedPicture, RepeatedPicture, SignOfLifeMissing, VirtualCamera
from proctor.rules.network import ClockJump, NetworkGap
from proctor.rules.other_person import OtherPerson
from proctor.rules.paste import LongPaste
from proctor.rules.picture_quality import (
    BlurredPicture,
    CameraGap,
    CoveredCamera,
    DarkPicture,
    FrozenPicture,
    GlaringPicture,
    HiddenFace,
    SlowCamera,
    UnreadableFrames,
)
from proctor.rules.rhythm import ChangedRhythm
from proctor.rules.screen_share import PartOfScreen, ShareEnded
from proctor.rules.several_faces import SeveralFaces
from proctor.rules.sound_quality import MicrophoneSilent, SoundGap
from proctor.rules.speaking import Speaking
from proctor.rules.speech import SecondVoice, Speech
from proctor.rules.things import Book, Phone, SecondScreen

RULES: tuple[Rule, ...] = (
    Absence(),
    SeveralFaces(),
    OtherPerson(),
    HiddenFace(),
    LookingAway(),
    RepeatedGlances(),
    LookingDown(),
    EyesClosed(),
    Phone(),
    SecondScreen(),
    FilmedPicture(),
    RepeatedPicture(),
    SignOfLifeMissing(),
    VirtualCamera(),
    DeviceDiffers(),
    DeviceSilent(),
    DeviceUnreached(),
    HiddenPage(),
    LostFocus(),
    LeftFullscreen(),
    Speech(),
    Speaking(),
    SecondVoice(),
    LongPaste(),
    CopiedText(),
    Printed(),
    SecondDisplay(),
    ShareEnded(),
    PartOfScreen(),
    DeviceChange(),
    DarkPicture(),
    GlaringPicture(),
    BlurredPicture(),
    CoveredCamera(),
    FrozenPicture(),
    SlowCamera(),
    UnreadableFrames(),
    CameraGap(),
    MicrophoneSilent(),
    SoundGap(),
    NetworkGap(),
    ClockJump(),
)
OPTIONAL: tuple[Rule, ...] = (ChangedRhythm(), Book())  # only where an exam asks for them

__all__ = ["OPTIONAL", "RULES"]
