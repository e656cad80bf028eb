"""What may be kept, signed and sent of a text."""

from __future__ import annotations

import re

# Terminal sequences, ECMA-48 5.3 to 5.6. A string that never ends loses its introducer only: it must
# not be able to hide what follows. No pattern looks past another introducer, so all are linear.
_STRING = re.compile(r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)")
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b[ -/]{0,8}[0-~]?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def unsteered(dirty: str) -> str:
    """A text without what a terminal obeys (ECMA-48): strings and control sequences, whole. Without its first
    byte alone the rest of one would stand there as text."""
    return _SEQUENCE.sub("", _STRING.sub("", dirty))


def clean(dirty: str) -> str:
    """Only what may be kept: `\\n` line ends, nothing a terminal obeys, nothing UTF-8 cannot hold."""
    return _CONTROL.sub("", unsteered(dirty).replace("\r\n", "\n").replace("\r", "\n"))
