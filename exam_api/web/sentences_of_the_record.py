"""What `credentials` says of anchors and of the keys for receipts, for the catalogue: recognised where it is shown."""

from typing import Final

from exam_api.web.i18n import _

ANCHORS: Final = (
    _("the log's first {size} entries existed by {text}, by the time-stamping authority {name}"),
    _("the log's first {size} entries existed by {text}, by the time-stamping authority {name}, which the file claims"),
    _("the log's first {size} entries stood by {text} in {what}"),
    _("the log's first {size} entries stood by {text} in {what}, which the file claims"),
    _("the log's first {size} entries stood in {what}, which the file claims"),
    _("block {height} of Bitcoin"),
    _("block {height} of Bitcoin, if its Merkle root is {text}"),
    _("block {height} of the chain {number}, {text}"),
    _("the time stamp was made for another head than this one"),
    _("the proof was made for another head than this one"),
    _("the transaction carries the digest of another head than this one"),
    _("the anchored head does not hold this certificate: {text}"),
    _("the authority's certificate was not valid at {text}"),
    _("no time-stamping authority that is trusted signed it: {text}"),
    _("the calendars have promised it, but no block holds it yet"),
    _("the transaction was sent, but no block holds it yet"),
    _("the path does not lead to the block's transactions"),
    _("This installation lacks the library that reads such an anchor; install `invigil[anchors]`."),
)
RECEIPT_KEYS: Final = (
    _("no copy of the log was given, which tells since when a key was the institution's"),
    _("the key of the seal was the institution's at entry {index} of the log, by what its {size} entries tell"),
    _("without a seal in the log there is no number to compare with"),
    _("the log does not tell the history of the keys for receipts"),
)
