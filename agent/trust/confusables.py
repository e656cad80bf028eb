"""Makes `confusables.txt`, the letters that look like Latin ones, out of Unicode's own list of look-alikes.

The list is `security/confusables.txt` of a Unicode version (UTS #39 section 4). Once for each new one:
`python -m deskhand.agent.trust.confusables DOWNLOADED > agent/trust/confusables.txt`
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

_ROW = re.compile(r"([0-9A-F]{4,6}) ;\t([0-9A-F ]+?) ;\tMA")
_LATIN = re.compile(r"[a-z0-9]{1,2}")


def look_alikes(rows: Iterable[str]) -> dict[str, str]:
    """Letters and digits of other kinds, and the small Latin letters that each looks like.

    Left out is what compatibility decomposition (NFKD) makes Latin of anyway.
    """
    made = {}
    for row in rows:
        if not (found := _ROW.match(row)):
            continue
        char = chr(int(found[1], 16))
        like = _bare("".join(chr(int(code, 16)) for code in found[2].split()))
        other = ord(char) > 0x7F and unicodedata.category(char)[0] in "LN"
        if other and not _LATIN.fullmatch(_bare(char)) and _LATIN.fullmatch(like):
            made[char] = like
    return made


def _bare(text: str) -> str:
    """Without accents and width, in small letters."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def page(rows: Iterable[str]) -> Iterator[str]:
    """The lines of the file: the Latin letters, and after them all that look like them."""
    lines = list(rows)
    version = next((r.partition(":")[2].strip() for r in lines if r.startswith("# Version:")), "?")
    yield f"# Made by confusables.py from security/confusables.txt of Unicode {version}."
    yield "# Copyright 1991-2026 Unicode, Inc., Unicode License V3: https://www.unicode.org/license.txt"
    by_like: dict[str, list[str]] = {}
    for char, like in look_alikes(lines).items():
        by_like.setdefault(like, []).append(char)
    for like in sorted(by_like):
        yield f"{like} {''.join(sorted(by_like[like]))}"


if __name__ == "__main__":
    print("\n".join(page(Path(sys.argv[1]).read_text("utf-8-sig").splitlines())))
