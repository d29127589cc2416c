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
    _("The picture was burnt out by strong light for {time}; the rule asks from {minimum} s."),
    _("The very same picture came again and again for {time}; the rule asks from {minimum} s."),
    _("Pictures came too seldom to see what happened between them for {time}; the rule asks from {minimum} s."),
    _("Somebody was in the picture whose face was hidden or turned away for {time}; the rule asks from {minimum} s."),
    _("Head or eyes were turned away from the screen for {time} ({frames} frames); the rule asks from {minimum} s."),
    _("{count} looks to the same side, {time} together, within {span}; the rule asks for {least}."),
    _("The head was lowered far for {time} ({frames} frames); the rule asks from {minimum} s."),
    _("Both eyes were closed for {time} ({frames} frames); the rule asks from {minimum} s."),
    _(
        "The mouth moved while speech was heard, over {time} in {count} pieces of sound; the rule asks for {least} pieces."
    ),
    _(
        "{what} was seen in {count} looks within {time}, at most {share} percent of the picture; the rule asks for {least} looks "
        "within {minimum} s or more."
    ),
    *(_("A phone"), _("A second screen"), _("A book")),
    _(
        "In {count} looks within {time} the face looked like a picture on a screen or on paper; the rule asks for {least} "
        "looks within {minimum} s or more."
    ),
    _("The same pictures came again after {lag} s over {time} ({count} pictures); the rule asks for {least} pictures."),
    _("The same pictures stood still over {time} ({count} pictures); the rule asks for {least} pictures."),
    _(
        "{count} requests for a sign of life in a row were not answered as asked ({unjudged} without any picture to judge); "
        "the rule asks for {least}."
    ),
    _("The camera looks like a program instead of a device."),
    _(
        "In 1 check at a moment by chance the candidate's computer said something else about its picture than the picture "
        "shows ({what}); a flag asks for {least}."
    ),
    _(
        "In {count} checks at a moment by chance the candidate's computer said something else about its picture than the "
        "picture shows ({what}); a flag asks for {least}."
    ),
    *(_("a face was told and none is there"), _("more faces are there than were told"), _("the face is elsewhere")),
    *(_("the head is turned otherwise"), _("the picture's light is another")),
    _("{count} checks in a row, at moments by chance, got no picture that counts ({what}); the rule asks for {least}."),
    *(_("no picture came"), _("it came too late"), _("it answered another request")),
    *(_("the picture was taken before the request"), _("the picture had been sent before")),
    _("the picture was not readable"),
    *(
        _("a face was told until the very request, and the picture after it shows none"),
        _("fewer faces were told until the very request than the picture after it shows"),
    ),
    _(
        "In {count} checks in a row, at moments by chance, nothing at all came from the candidate's computer as long as a "
        "picture was waited for, and words came again afterwards; {least} are noted."
    ),
)
RULES: Final = (
    *(_("absence"), _("several faces"), _("other person"), _("hidden page"), _("lost focus"), _("left fullscreen")),
    *(_("long paste"), _("device change"), _("poor picture"), _("camera gap")),
    *(_("dark picture"), _("glaring picture"), _("blurred picture"), _("covered camera"), _("frozen picture")),
    *(_("slow camera"), _("unreadable frames"), _("hidden face"), _("looking away"), _("repeated glances")),
    *(_("looking down"), _("speaking"), _("look s"), _("looks"), _("within s"), _("share")),
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
    *(_("phone seen"), _("second screen seen"), _("book seen"), _("filmed picture"), _("repeated picture")),
    *(_("sign of life missing"), _("virtual camera"), _("looks"), _("times"), _("apart s"), _("challenges")),
    *(_("together"), _("device differs"), _("device silent"), _("device unreached"), _("least"), _("many")),
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
    *(_("device agrees"), _("device differs"), _("device unanswered"), _("device unreached")),
    *(_("share started"), _("network lost"), _("network back"), _("clock jumped"), _("rhythm changed")),
    _("Sound"),
    _("{kind}: {count} frames from {time}"),
    _("{kind} at {time}"),
    _("{kind} {count}"),
    _("distance {distance} at {time}"),
    _("{rule}: {why}"),
    _("{time}, {frames} frames."),
    _("{time}, {frames} frames and {sounds} pieces of sound."),
    _("{kind}: {count} pieces of sound from {time}"),
    *(_("Attention"), _("Things")),
    _("Signals: {what}."),
    _("{time} after the start: {why}"),
    _("1 flag: {what}"),
    _("{count} flags: {what}"),
)
