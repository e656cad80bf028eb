"""What may be kept, signed and sent of a text."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(dirty: str) -> str:
    """Only what may be kept: `\\n` line ends, no control characters, nothing UTF-8 cannot hold."""
    return _CONTROL.sub("", dirty.replace("\r\n", "\n").replace("\r", "\n"))
