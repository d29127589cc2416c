"""Scripted sittings with their truth: who is in the picture, what is heard, what the browser says, second by second.

Real faces and real voices in synthetic rooms. What comes of them is synthetic and is reported as such.
"""
