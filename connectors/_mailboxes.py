"""Takes the address fields of a message apart: the address is what stands in the angle brackets.

Stricter than `email.utils`, which takes `pat@example.net <mallory@evil.example>` for two people. Where a
mailbox is not plainly one (RFC 5322 3.4), its words are kept and it has no address: it is nobody.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]{1,200}@[^\s<>,;:\"()\[\]\\@]{1,200}")
_ROUTE = re.compile(r"^\s*@[^:<>]*:")
_AROUND = re.compile(r"\s*([.@])\s*")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[<>,:;"()\\]|[^<>,:;"()\\]+', re.S)
_LONGEST = 1_000_000


def mailboxes(value: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox in a field, in its order, with encoded words still encoded.

    The address is "" where it is not sure: two in one mailbox, a quotation or comment without an end,
    words beside a bare address. Comments are left out, groups opened, routes dropped (RFC 5322 4.4).
    """
    return [(name, address) for name, address, _ in _taken_apart(value)]


def only_mailbox(values: list[str]) -> list[tuple[str, str]]:
    """The mailbox of a field that must hold one, as From does to be anybody's word.

    With several fields, several mailboxes or a group there is no knowing whose word it is: the names are
    kept, and no address. A comma in a name that was not quoted (`Lee, Pat <pat@...>`) does no harm.
    """
    found = [one for value in values for one in _taken_apart(value)]
    sure = [one for one in found if one[1]]
    others = [name for name, address, _ in found if not address]
    if len(values) == len(sure) == 1 and not sure[0][2] and not any("@" in name for name in others):
        return [(", ".join([*others, sure[0][0]]).strip(", "), sure[0][1])]
    return [(f"{name} <{address}>".strip() if address else name, "") for name, address, _ in found]


def _taken_apart(value: str) -> list[tuple[str, str, bool]]:
    """Each mailbox, and whether it stands in a group."""
    made: list[tuple[str, str, bool]] = []
    pieces = _without_comments(value[:_LONGEST])
    if pieces is None:
        return [(" ".join(value.split())[:_LONGEST], "", False)]
    one: list[str] = []
    group = inside = False
    for piece in [*pieces, ","]:
        if piece == "<":
            inside = True
        elif piece == ">":
            inside = False
        if piece == ":" and not inside:
            one, group = [], True  # the name of a group is nobody's
        elif piece in (",", ";") and not inside:
            if "".join(one).strip():
                made.append((*_mailbox(one), group))
            one = []
            group = group and piece == ","
        else:
            one.append(piece)
    if "".join(one).strip():  # an angle bracket without an end
        made.append(("".join(one[:-1]).strip(), "", group))
    return made


def _without_comments(value: str) -> list[str] | None:
    """Quoted strings whole, signs that part, and what stands between; None where a comment has no end."""
    made: list[str] = []
    depth = at = 0
    while at < len(value):
        if depth:
            char = value[at]
            depth += (char == "(") - (char == ")")
            at += 2 if char == "\\" else 1
            continue
        piece = _PIECE.match(value, at)
        found = piece[0] if piece else value[at]
        at += len(found)
        depth = int(found == "(")
        made.append(" " if depth else found)
    return made if not depth else None


def _mailbox(pieces: list[str]) -> tuple[str, str]:
    """The name and the address of one mailbox; of one that is not sure its words alone."""
    words = " ".join("".join(pieces).split())
    if any(t in ('"', "(", ")", "\\") for t in pieces):
        return words, ""
    if "<" not in pieces and ">" not in pieces:
        address = _plain(words)
        return ("", address) if address else (_said(pieces), "")
    if pieces.count("<") != 1 or pieces.count(">") != 1:
        return words, ""
    low, high = pieces.index("<"), pieces.index(">")
    if low > high or "".join(pieces[high + 1 :]).strip():
        return words, ""
    address = _plain(_ROUTE.sub("", "".join(pieces[low + 1 : high])))
    return (_said(pieces[:low]), address) if address else (words, "")


def _said(pieces: list[str]) -> str:
    quoted = (
        re.sub(r"\\(.)", r"\1", t[1:-1], flags=re.S) if t[:1] == '"' and len(t) > 1 else t for t in pieces
    )
    return " ".join("".join(quoted).split())


def _plain(text: str) -> str:
    """An address, or "" for what is none. Encoded words are none (RFC 2047 5)."""
    address = _AROUND.sub(r"\1", text.strip())
    return address if _ADDRESS.fullmatch(address) and "=?" not in address else ""
