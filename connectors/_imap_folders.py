"""The folders of a mailbox: their names as a person reads them, what they are for, and which are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_answers import Listed
from deskhand.connectors._imap_session import Session
from deskhand.connectors._mail_scope import USUAL, Scope, Special
from deskhand.connectors.errors import Misconfigured, Transient

_VIRTUAL = frozenset({"all", "flagged", "important"})
"""What shows messages of other folders once more (RFC 6154, RFC 8457)."""
_NOT_THERE = frozenset({"noselect", "nonexistent"})


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds messages."""

    name: str
    """Parts divided by `/`, whatever the server divides them by."""
    listed: Listed

    @property
    def raw(self) -> bytes:
        return self.listed.raw


def chosen(scope: Scope, folders: Sequence[Folder], *, gmail: bool) -> list[Folder]:
    """Those of a listing that are read, INBOX first; usually all but junk, and those that show messages of
    others once more.

    Where folders are labels (Gmail), the one of all mail is read, and what is not in it: the trash.

    :raises Misconfigured: nothing is left of them. Nobody has a mailbox read to see nothing of it.
    """
    read = [f for f in folders if scope.wants(f.name, usual=_usual(f.listed.attributes, gmail=gmail))]
    if not read and (scope.only or scope.without):
        there = ", ".join(sorted(f.name for f in folders)[:20])
        raise Misconfigured(
            f"No folder is left to be read by the options folders and exclude; there are {there}."
        )
    return sorted(read, key=lambda f: (f.name.upper() != "INBOX", f.name))


def _usual(uses: frozenset[str], *, gmail: bool) -> bool:
    return bool(uses & {"all", "trash"}) if gmail else not uses & (_VIRTUAL | {"junk"})


class Folders:
    """The folders of an account, as they were listed last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._listed: list[Folder] = []
        self._spaces: dict[bytes, bool] | None = None
        """By the beginning of a name: whether what is called so is the owner's alone; None: not asked yet."""

    def all(self, *, status: bool = False) -> list[Folder]:
        """List them. :raises Transient: there is none, which cannot be."""
        if self._spaces is None:
            self._spaces = self._session.again(lambda: imap.namespaces(self._session))
        found = self._session.again(lambda: imap.listing(self._session, status=status))
        self._listed = _named([one for one in found if not one.attributes & _NOT_THERE])
        if not self._listed:
            raise Transient(f"{self._session.account} lists no folder at all.")
        return self._listed

    def named(self, name: str) -> Folder | None:
        """A folder by its name, or by one that differs in capitals alone; they are listed anew if need be."""
        for folders in (self._listed, None):
            for folder in self.all() if folders is None else folders:
                if name == folder.name:
                    return folder
        return next((f for f in self._listed if f.name.casefold() == name.casefold()), None)

    def special(self, kind: Special) -> Folder | None:
        """The folder of that purpose, as the server says (RFC 6154), else by its usual names."""
        return self._special(kind) or (self._special(kind) if self.all() else None)

    def name_of(self, kind: Special) -> str:
        """What it is called, as far as is known without asking."""
        found = self._special(kind)
        return found.name if found else str(kind)

    def made(self, kind: Special) -> Folder:
        """The folder of that purpose; it is made where there is none."""
        if (found := self.special(kind)) is not None:
            return found
        inbox = next((f.listed for f in self._listed if f.name.upper() == "INBOX"), None)
        # Where everything lies below INBOX, nothing can be made beside it.
        below = [f for f in self._listed if f.name.upper().startswith("INBOX/")]
        inside = inbox is not None and len(below) == len(self._listed) - 1 and below
        raw = (inbox.raw + inbox.delimiter.encode() if inside and inbox else b"") + str(kind).encode()
        imap.create(self._session, raw)
        self.all()
        found = next((f for f in self._listed if f.raw == raw), None)
        if found is None:
            raise Transient(f"{self._session.account} made the folder {kind}, and does not list it.")
        return found

    def _own(self, folder: Folder) -> bool:
        """Whether it lies among the owner's folders, and not among those of others or of all."""
        name = folder.raw + folder.listed.delimiter.encode()
        spaces = self._spaces or {}
        longest = max((s for s in spaces if name.startswith(s)), key=len, default=None)
        return longest is None or spaces[longest] or folder.name.upper() == "INBOX"

    def _special(self, kind: Special) -> Folder | None:
        own = [f for f in self._listed if self._own(f)]
        for folder in own:
            if kind.lower() in folder.listed.attributes:
                return folder
        usual = [f for f in own if f.name.rpartition("/")[2].casefold() in USUAL[kind]]
        return min(usual, key=lambda f: (f.name.count("/"), f.name), default=None)


def _named(found: Sequence[Listed]) -> list[Folder]:
    made: dict[str, Folder] = {}
    for one in found:
        name = one.name.replace(one.delimiter, "/") if one.delimiter else one.name
        while name in made:  # `a.b` and `a/b` on a server that divides by dots
            name += "~"
        made[name] = Folder(name, one)
    return list(made.values())
