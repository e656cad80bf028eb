"""What may be taken along by a write, what must not stand in it, and under which name it may be put down."""

from __future__ import annotations

import re
from collections.abc import Callable

from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import Operation

_NAME = re.compile(r"[^\W_][\w '’&,;=+@#%()\[\]{}~.!-]{0,199}")
_ENDINGS = """
action ade adp app appimage appinstaller application appref-ms appx appxbundle bash bat bin cab caction
cdxml chm cjs cmd com command cpl csh deb desktop diagcab dll dmg docm dotm dylib exe fileloc fish
flatpakref gadget hlp hta htm html img inetloc inf ins iqy iso jar jnlp js jse kext ksh library-ms lnk mad
mam mdb mde mht mhtml mjs mobileconfig mpkg msc msi msix msixbundle msp mst one onepkg oqy php pif pkg pl
potm ppam ppsm pptm prefpane ps1 ps1xml psc1 psd1 psm1 py pyc pyo pyw pyz rb rdp reg rpm rqy run scf scpt
scptd scr sct search-ms searchconnector-ms settingcontent-ms sh shtml slk snap so svg svgz sys tcl tcsh
terminal theme themepack tool udl url vb vbe vbp vbs vhd vhdx vsmacros webloc website wll workflow ws wsc
wsf wsh xbap xht xhtml xla xlam xll xlsb xlsm xltm zsh
"""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.I)
"""Names that are no files on Windows, with any ending: what is written there is lost, or printed."""
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
    endings = name.casefold().split(".")[1:]
    plain = _NAME.fullmatch(name) is not None and _DEVICES.fullmatch(name) is None
    return plain and not _RUNS & {e.strip() for e in endings}


_WORD = r"(?:code|otp|pin|passcode|one-time password|token)"
# A year is no code. Senders set digits apart, so that they are read more easily.
_NUMBER = r"(?=\d)(?!(?:19|20)\d\d\b)(?:\d{4,8}|\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d\d \d\d \d\d)\b"
_CODE = re.compile(
    rf"\b{_WORD}\b[^.\n]{{0,40}}\b{_NUMBER}|\b{_NUMBER} is (?:your|the|my)\b[^.\n]{{0,40}}\b{_WORD}\b", re.I
)
_ALONE = re.compile(
    rf"^[ \t>*]{{0,20}}(?:{_NUMBER}|(?=[A-Z-]{{0,9}}\d)[A-Z\d]{{2,5}}-?[A-Z\d]{{3,5}})[ \t*.]{{0,20}}\r?$",
    re.M,
)
_SAID = re.compile(rf"\b{_WORD}\b", re.I)
_ABOVE = 160
"""Characters: often a code stands on a line of its own, so little below the words that say what it is."""
_PASSWORD = re.compile(r"\bpass(?:word|phrase)(?: is|:)\s{1,5}(?=\S{0,39}\d)\S{6,40}", re.I)
_URL = re.compile(r"https?://\S+", re.I)
_RESET = re.compile(r"reset|verify|confirm|magic|token|activate|recover|unlock|passw|otp=", re.I)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
    r"|\b(?:A[KS]IA[0-9A-Z]{16}|gh[opsur]_\w{30}|github_pat_\w{20}|glpat-[\w-]{16}|sk[-_][\w-]{20}"
    r"|xox[abprs]-[\w-]{10}|AIza[\w-]{35}|eyJ[\w-]{10,300}\.eyJ[\w-]{10})"
)


def secret_in(text: str) -> str:
    """What secret a text seems to hold, in words, or "". Linear in the length of the text."""
    if _CODE.search(text) or _stands_alone(text):
        return "a one-time code"
    if _PASSWORD.search(text):
        return "a password"
    if any(_RESET.search(url) for url in _URL.findall(text)):
        return "a reset link"
    return "a key" if _KEY.search(text) else ""


def _stands_alone(text: str) -> bool:
    """Whether a line is nothing but a code, and what is said above it is that."""
    return any(_SAID.search(text, max(0, one.start() - _ABOVE), one.start()) for one in _ALONE.finditer(text))
