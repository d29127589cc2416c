"""Everything that `proctor` refuses; each docstring is the sentence a person reads."""


class ProctorError(Exception):
    """The proctoring library could not do this."""

    def __str__(self) -> str:
        extra = super().__str__()
        return f"{self.__doc__} {extra}".strip()


class BadFrame(ProctorError):
    """This picture is not a JPEG image that we can read."""


class BadSound(ProctorError):
    """This sound cannot be read."""


class ModelMissing(ProctorError):
    """A model file that is needed to find faces is not there; run the model set-up or give its folder."""


class ModelUnreadable(ProctorError):
    """A model file has other contents than this version can read; run the model set-up again."""


class BadReference(ProctorError):
    """This photo cannot serve as the reference."""


class NoFaceInReference(BadReference):
    """No face was found in the photo: look straight into the camera, with light from the front, and take it again."""


class ManyFacesInReference(BadReference):
    """More than one face is in the photo: make sure that you are alone in the picture and take it again."""


class ReferenceTooSmall(BadReference):
    """The face in the photo is too small to recognise: come closer to the camera and take it again."""


class ReferenceTooDark(BadReference):
    """The photo is too dark: turn on a light in front of you and take it again."""


class ReferenceTurned(BadReference):
    """The face in the photo is turned away: look straight into the camera and take it again."""


class BadEvents(ProctorError):
    """The browser-event file has a line that cannot be read."""


class BadSource(ProctorError):
    """The video or folder of pictures cannot be read."""


class BadCalibration(ProctorError):
    """The direction of the eyes could not be learnt from these points."""


class BadTarget(ProctorError):
    """The result cannot be written there: the folder does not exist, or the name is a folder's."""


class TargetInUse(ProctorError):
    """The result would be written over a file that is read here, or over the other result; give another name."""
