"""What may be taken along by a write, and under which name it may be put down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import Operation

_NAME = re.compile(r"[^\W_][\w '’&,;=+@#%()\[\]{}~.!-]{0,199}")
_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ENDINGS = """
action app appimage appref-ms bash bat bin chm cmd com command cpl csh deb desktop diagcab dll dmg docm dotm
exe fish gadget hta htm html img inf ins iso jar jnlp js jse ksh library-ms lnk mht mhtml mpkg msc msi msix
msp mst pif pkg pl potm ppam ppsm pptm ps1 psm1 py pyw rb reg rpm run scf scr scpt settingcontent-ms sh shtml
slk svg sys terminal tool udl url vb vbe vbs vhd vhdx webloc workflow ws wsf wsh xhtml xht xlam xll xlsm xltm
zsh
"""
_RUNS = frozenset(_ENDINGS.split())
"""Endings of files that a desktop may run, or open in a way that runs what is in them."""


def not_as_read(operation: Operation, look_up: Callable[[ItemRef], Item | None]) -> str:
    """What is wrong with something that would be taken along; "" where all is known as it was read."""
    for one in operation.enclosed:
        item = look_up(one.ref)
        if item is None:
            return "what would be taken along is in no connected source"
        if item.version != one.version:
            return f"{one.name or one.ref.native} changed since it was read; ask again"
    return ""


def safe_name(name: str) -> bool:
    """Whether a file may have a stranger's name: nothing hides in it, and it makes no program of it."""
    hides = any(unicodedata.category(c) in _HIDING for c in name)
    endings = name.casefold().rstrip(". ").split(".")[1:]
    return not hides and _NAME.fullmatch(name) is not None and not _RUNS & {e.strip() for e in endings}
