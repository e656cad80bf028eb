"""What may be taken along by a write, what must not stand in it, and under which name it may be put down."""

from __future__ import annotations

import re
from collections.abc import Callable

from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import Operation

_NAME = re.compile(r"[^\W_][\w '’&,;=+@#%()\[\]{}~.!-]{0,199}")
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
    endings = name.casefold().rstrip(". ").split(".")[1:]
    return _NAME.fullmatch(name) is not None and not _RUNS & {e.strip() for e in endings}


_WORD = r"(?:code|otp|pin|passcode|one-time password|token)"
_NUMBER = r"(?!(?:19|20)\d\d\b)\d{4,8}\b"  # a year is no code
_CODE = re.compile(
    rf"\b{_WORD}\b[^.\n]{{0,40}}\b{_NUMBER}|\b{_NUMBER} is (?:your|the|my)\b[^.\n]{{0,40}}\b{_WORD}\b", re.I
)
_URL = re.compile(r"https?://\S+", re.I)
_RESET = re.compile(r"reset|verify|confirm|magic|token|activate", re.I)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
    r"|\b(?:AKIA[0-9A-Z]{16}|ghp_\w{30}|sk-[\w-]{20}|xox[bap]-[\w-]{10})"
)


def secret_in(text: str) -> str:
    """What secret a text seems to hold, in words, or "". Linear in the length of the text."""
    if _CODE.search(text):
        return "a one-time code"
    if any(_RESET.search(url) for url in _URL.findall(text)):
        return "a reset link"
    return "a key" if _KEY.search(text) else ""
