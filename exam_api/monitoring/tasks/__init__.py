"""What the worker does with pictures, sounds and browser signals."""

from exam_api.monitoring.tasks.calibration import calibrate
from exam_api.monitoring.tasks.check_in import judge_check_in
from exam_api.monitoring.tasks.erasing import erase_faces, erase_old
from exam_api.monitoring.tasks.flags import judge_whole, raise_flags
from exam_api.monitoring.tasks.frames import analyse_frames, catch_up, look_again, notice_silence
from exam_api.monitoring.tasks.life import judge_life
from exam_api.monitoring.tasks.references import NO_CAMERA_TOOLS, check_reference
from exam_api.monitoring.tasks.sounds import analyse_sounds

__all__ = [
    "NO_CAMERA_TOOLS",
    "analyse_frames",
    "analyse_sounds",
    "calibrate",
    "catch_up",
    "check_reference",
    "erase_faces",
    "erase_old",
    "judge_check_in",
    "judge_life",
    "judge_whole",
    "look_again",
    "notice_silence",
    "raise_flags",
]
