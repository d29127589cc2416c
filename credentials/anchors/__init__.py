"""Anchors: somebody outside of the log says since when one of its heads existed.

What is anchored is the digest of a checkpoint's text: `head -n 3 checkpoint | sha256sum`. An anchor proves that this head, and so
every entry below it, is at least that old; it says nothing about what came later, and takes no part in the verdict.
"""
