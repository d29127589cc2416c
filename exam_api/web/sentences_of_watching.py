"""What proctoring says in plain English: flags, names of rules and signals, the timeline. See `exam_api.web.sentences`."""

from typing import Final

from exam_api.web.i18n import _

FLAGS: Final = (
    _("No face was in the picture for {time} ({frames} frames); the rule asks from {minimum} s."),
    _(
        "Up to {faces} faces were in the picture over {time} ({frames} frames); the rule asks from {minimum} s and "
        "{least} frames."
    ),
    _(
        "{count} comparisons with the reference photo over {time} did not match (median distance {distance}); "
        "the rule asks for {confirm} of {window} in a row."
    ),
    _("The exam page was hidden for {time}; the rule asks from {minimum} s."),
    _("The keyboard was outside the exam page for {time}; the rule asks from {minimum} s."),
    _("The exam page was not in full screen for {time}; the rule asks from {minimum} s."),
    _("{count} characters were pasted in 1 action; the rule asks from {least}."),
    _("{count} characters were pasted in {actions} actions; the rule asks from {least}."),
    _("{count} characters from outside of the page were pasted in 1 action; the rule asks from {least}."),
    _("{count} characters from outside of the page were pasted in {actions} actions; the rule asks from {least}."),
    _(
        "{count} characters that had been copied on the page itself were pasted in 1 action; the rule asks from {least}."
    ),
    _(
        "{count} characters that had been copied on the page itself were pasted in {actions} actions; the rule asks from "
        "{least}."
    ),
    _("{count} characters were copied or cut on the page; the rule asks from {least}."),
    _("The browser was asked to print the exam page."),
    _("The desktop extended over more than one display for {time}; the rule asks from {minimum} s."),
    _("The screen was no longer shared for {time}; the rule asks from {minimum} s."),
    _("Not the whole screen but {what} was shared for {time}; the rule asks from {minimum} s."),
    *(_("one window"), _("one browser tab")),
    _("The page had no connection for {time}; the rule asks from {minimum} s."),
    _("The device's clock jumped by {time}; the rule asks from {minimum} s."),
    _(
        "The keys followed each other every {middle} ms over {count} minutes of typing, and every {usual} ms in the earlier "
        "ones; the rule asks for {least} minutes."
    ),
    _("Somebody spoke for {time} within {span}; the rule asks from {least} s."),
    _(
        "Voices of two kinds were heard in {count} pieces of sound, and camera or page showed something at the same time; "
        "the rule asks for {least} pieces."
    ),
    _("The microphone gave no sound at all for {time}; the rule asks from {minimum} s."),
    _("No sound arrived for {time}; the rule asks from {minimum} s."),
    _("The browser reported 1 change of cameras, microphones or screens."),
    _("The browser reported {count} changes of cameras, microphones or screens."),
    _("The picture was {what} for {time}; the rule asks from {minimum} s."),
    *(_("nothing but one even colour"), _("too dark"), _("too blurred"), _("not readable"), _("or"), _("and")),
    _("No camera frame arrived for {time}; the rule asks from {minimum} s."),
)
RULES: Final = (
    *(_("absence"), _("several faces"), _("other person"), _("hidden page"), _("lost focus"), _("left fullscreen")),
    *(_("long paste"), _("device change"), _("poor picture"), _("camera gap")),
    *(_("speech"), _("second voice"), _("microphone silent"), _("sound gap"), _("copied text"), _("printed")),
    *(
        _("second display"),
        _("share ended"),
        _("part of screen"),
        _("network gap"),
        _("clock jump"),
        _("changed rhythm"),
    ),
    *(
        _("spoken s"),
        _("long s"),
        _("windows"),
        _("near s"),
        _("jump s"),
        _("keys"),
        _("learn"),
        _("minutes"),
        _("factor"),
    ),
    *(_("minimum s"), _("leave s"), _("blind s"), _("together s"), _("frames"), _("characters")),
    *(_("confirm"), _("window")),
)
TIMELINE: Final = (
    *(_("What was seen during the attempt"), _("Nothing was recorded."), _("No flags.")),
    *(_("Faces"), _("Distance to photo"), _("Picture"), _("Browser"), _("Flags")),
    *(_("face ok"), _("face absent"), _("faces many"), _("face unsure"), _("face same"), _("face other")),
    *(_("camera covered"), _("bad frame"), _("gap"), _("hidden"), _("visible"), _("blur"), _("focus")),
    *(_("fullscreen left"), _("fullscreen entered"), _("copy"), _("cut"), _("paste"), _("device changed")),
    *(_("face covered"), _("head forward"), _("head turned"), _("head down"), _("gaze inside"), _("gaze outside")),
    *(_("eyes open"), _("eyes closed"), _("mouth still"), _("mouth moving"), _("phone"), _("second screen"), _("book")),
    *(_("things none"), _("picture live"), _("picture filmed"), _("picture repeats"), _("life shown")),
    *(_("life not shown"), _("life unanswered"), _("camera virtual"), _("quiet"), _("noise"), _("bad sound")),
    *(_("glare"), _("picture frozen"), _("low rate"), _("print"), _("display extended"), _("display single")),
    *(_("share started"), _("network lost"), _("network back"), _("clock jumped"), _("rhythm changed")),
    *(_("Sound"), _("{kind} {level} dB at {time}"), _("{kind} {seconds} s at {time}")),
    _("{kind}: {count} frames from {time}"),
    _("{kind} at {time}"),
    _("{kind} {count}"),
    _("distance {distance} at {time}"),
    _("{rule}: {why}"),
    _("{time}, {frames} frames."),
    _("Signals: {what}."),
    _("{time} after the start: {why}"),
    _("1 flag: {what}"),
    _("{count} flags: {what}"),
)
