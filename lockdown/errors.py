"""Everything that can go wrong with a settings file. Each docstring is a sentence for the person who meets the error."""

from __future__ import annotations


class LockdownError(Exception):
    """Something about these settings of Safe Exam Browser is wrong."""

    def __str__(self) -> str:
        return super().__str__() or (type(self).__doc__ or "")


class SettingsMalformed(LockdownError):
    """This is no settings file of Safe Exam Browser, or it is damaged; get a fresh copy of it."""


class SettingsTooLarge(LockdownError):
    """These settings are larger or deeper than any that Safe Exam Browser writes; nothing was read."""


class PasswordNeeded(LockdownError):
    """This settings file is sealed with a password; give it too."""


class WrongPassword(LockdownError):
    """The password does not open this settings file, or the file was changed."""


class CertificateNeeded(LockdownError):
    """This settings file is sealed for a certificate, whose key is on the exam's computers only; save it with a password instead."""


class NotPortable(LockdownError):
    """Clients of Safe Exam Browser do not agree on the Config Key of such a text; leave quotes and control characters out."""


class BadExamKey(LockdownError):
    """A Browser Exam Key has 64 hexadecimal digits, and each stands in the list once."""
