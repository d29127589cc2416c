"""Our own settings of Safe Exam Browser: little is allowed, and what matters is said even where it is the client's default.

A setting that is left out is whatever the client was configured to; only what the file says is part of the Config Key.
Names and meanings: "SEB Specification, Config Keys".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from lockdown.key import check_portable
from lockdown.plist import Value

MODERN_WEB_VIEW = (
    3  # browserWindowWebView: the engine that today's pages need; a filter of contents would force the old one
)
BLOCKED = 0  # newBrowserWindowBy…Policy: no second window
ALLOW = 1  # URLFilterRules: what no rule allows is refused
EXAM = 0  # sebConfigPurpose: for a session, not to configure the client for good


@dataclass(frozen=True)
class Lock:
    """What one sitting asks of the browser. `salt`: 32 bytes that give the sitting Browser Exam Keys of its own."""

    start_url: str
    quit_url: str
    quit_password: str
    salt: bytes
    camera: bool = False
    microphone: bool = False
    screen: bool = False
    uploads: bool = False


def settings_of(lock: Lock) -> dict[str, Value]:
    """The settings file's content. Raises `NotPortable` where an address would give clients different Config Keys."""
    settings: dict[str, Value] = {
        "sebConfigPurpose": EXAM,
        # the way in and out
        "startURL": lock.start_url,
        "quitURL": lock.quit_url,
        "quitURLConfirm": False,
        "allowQuit": True,
        "hashedQuitPassword": hashlib.sha256(lock.quit_password.encode()).hexdigest(),
        # what proves these settings
        "sendBrowserExamKey": True,
        "examKeySalt": lock.salt,
        # the browser
        "browserWindowWebView": MODERN_WEB_VIEW,
        "browserWindowAllowAddressBar": False,
        # Any link to another site would open the web: pages of the platform only, and one of them at a time, so that who leaves
        # the exam's page shows no proofs meanwhile. The start is signed on another device where that needs another site.
        "URLFilterEnable": True,
        "URLFilterEnableContentFilter": False,
        "URLFilterRules": [
            {"action": ALLOW, "active": True, "expression": urlsplit(lock.start_url).netloc, "regex": False}
        ],
        "newBrowserWindowByLinkPolicy": BLOCKED,
        "newBrowserWindowByScriptPolicy": BLOCKED,
        "browserWindowAllowReload": True,
        "showReloadButton": True,
        "allowDeveloperConsole": False,
        "allowSpellCheck": False,
        "allowPrint": False,
        # A recovery file can be the only copy of an answer: it may be saved. What lies on the computer comes in only where a
        # question asks for a file.
        "allowDownUploads": True,
        "allowDownloads": True,
        "allowUploads": lock.uploads,
        "downloadAndOpenSebConfig": False,
        "browserMediaCaptureCamera": lock.camera,
        "browserMediaCaptureMicrophone": lock.microphone,
        "browserMediaCaptureScreen": lock.screen,
        "examSessionClearCookiesOnEnd": True,
        # the computer
        "allowPreferencesWindow": False,
        "allowSwitchToApplications": False,
        "allowVirtualMachine": False,
        "allowScreenSharing": False,
        "allowDictation": False,
        "enablePrintScreen": False,
        "allowedDisplaysMaxNumber": 1,
        # what a candidate needs all the same
        "allowWlan": True,
        "showTaskBar": True,
        "showTime": True,
        "showInputLanguage": True,
    }
    check_portable(settings)
    return settings
