"""Items out of what Google Drive says: a file at a version, and what was said beside it.

A file is its id, whatever it is called and wherever it lies. What was said beside it is an item of its own,
`ID#comments`: so a document's text and versions are what stands in it, and comments are found all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from deskhand.connectors._cloud_scope import moment
from deskhand.connectors._cloud_texts import Head
from deskhand.connectors._gdrive_remote import OWN, SHORTCUT, File, export_of
from deskhand.connectors._reader import Text
from deskhand.connectors.model import Item, ItemRef, Label, Participant, Relation
from deskhand.connectors.operations import utc_stamp

COMMENTS = "#comments"
_KINDS = {
    "document": "Google Docs", "spreadsheet": "Google Sheets", "presentation": "Google Slides",
    "drawing": "Google Drawings", "form": "Google Forms", "site": "Google Sites", "script": "Apps Script",
    "map": "Google My Maps", "jam": "Jamboard", "vid": "Google Vids",
}  # fmt: skip


def head_of(file: File, revisions: Sequence[File] = ()) -> Head:
    """The version a file is at. Of Google's own kinds the newest revision, where it is told."""
    if file.get("headRevisionId"):
        name, said = str(file["headRevisionId"]), file
        told = next((r for r in revisions if r["id"] == name), None)
        return Head(f"r-{name}", str((told or file)["modifiedTime"]), *_who(told or said))
    if revisions:
        return past(revisions[-1])
    return Head(f"t-{utc_stamp(moment(file['modifiedTime']))}", str(file["modifiedTime"]), *_who(file))


def past(revision: File) -> Head:
    """A revision as it is told."""
    return Head(f"r-{revision['id']}", str(revision["modifiedTime"]), *_who(revision))


def item_of(
    file: File, head: Head, text: Text, digest: str, *, ref: ItemRef, folder: str,
    readers: tuple[str, ...] | None, shared: bool = False, note: str = "",
) -> Item:  # fmt: skip
    """A file at one of its versions.

    :param shared: others can read it, though nobody may be able to say who.
    """
    kind = str(file["mimeType"])
    data: dict[str, str | int] = {"mime": export_of(file) if kind.startswith(OWN) else kind}
    if kind.startswith(OWN):
        data["type"] = kind
    data["mime"] = data["mime"] or kind
    data["size"] = int(file.get("size") or 0)
    if text.note:
        data["note"] = text.note
    if shared:
        data["shared"] = True
    target = str(file.get("shortcutDetails", {}).get("targetId") or "") if kind == SHORTCUT else ""
    owners = [Participant("author", a, n) for n, a in map(_who_is, file.get("owners", ())) if a or n]
    made = [Participant("author", head.address, head.author)] if head.author or head.address else []
    return Item(
        ref, head.version, str(file["name"]), text.text, moment(head.at), digest,
        folder=folder, author=head.author or head.address, note=note,
        people=tuple(dict.fromkeys([*made, *owners])),
        relations=(Relation("mentions", target),) if target else (),
        # Whoever may write in it may write anything; and what is the person's own was often a stranger's
        # before it was uploaded or copied. A file is nobody's word (docs/threat-model.md).
        data=data, label=Label("untrusted", (str(ref),), readers), link=str(file.get("webViewLink", "")),
    )  # fmt: skip


def comments_of(
    file: File, comments: Iterable[File], *, ref: ItemRef, folder: str, readers: tuple[str, ...] | None
) -> Item | None:
    """What was said beside a file, as one item; None: nothing was."""
    threads, speakers = [], dict[str, datetime]()
    for comment in comments:
        quoted = " ".join(str(comment.get("quotedFileContent", {}).get("value", "")).split())
        lines = [f"On “{quoted}”"] if quoted else []
        for one in (comment, *(r for r in comment.get("replies", ()) if not r.get("deleted"))):
            who = _who_is(one.get("author", {}))[0] or "Somebody"
            said = str(one.get("content") or "").strip()
            act = {"resolve": "resolved it", "reopen": "opened it again"}.get(str(one.get("action", "")), "")
            words = "; ".join(w for w in (said, act) if w)
            day = moment(one["createdTime"])
            lines.append(f"{who} ({day:%Y-%m-%d}): {words}")
            speakers[who] = max(day, speakers.get(who, day))
        if comment.get("resolved"):
            lines.append("(resolved)")
        threads.append("\n".join(lines))
    if not threads:
        return None
    text = Text.of("\n\n".join(threads)).text
    digest = sha256(text.encode()).hexdigest()
    last = max(speakers, key=lambda s: speakers[s])
    whole = ItemRef(ref.source, ref.kind, ref.native + COMMENTS)
    return Item(
        whole, f"c-{digest[:12]}", f"Comments on {file['name']}", text, speakers[last], digest, folder=folder,
        author=last, people=tuple(Participant("author", "", s) for s in speakers),
        relations=(Relation("mentions", ref.native),),
        data={"mime": "text/plain", "size": len(text.encode()), "comments": len(threads)},
        label=Label("untrusted", (str(whole),), readers), link=str(file.get("webViewLink", "")),
    )  # fmt: skip


def readers_of(file: File, rights: Sequence[File], me: str) -> tuple[str, ...] | None:
    """Who could read a file, as far as that is sure: see `Label.readers`.

    Everybody only where it can be found by a search. Who has the link can read what is shared by link, but
    nobody can tell who has it; nor who is in a domain. A group is its own address.

    :param rights: as the file or its drive has them; none: Google does not say.
    """
    found = set[str]()
    for right in rights:
        if right.get("deleted") or right.get("view"):
            continue
        if right["type"] == "anyone" and right.get("allowFileDiscovery"):
            return None
        if right["type"] in ("user", "group") and right.get("emailAddress"):
            found.add(str(right["emailAddress"]).lower())
    if not rights:  # whoever may not share it is told its owners alone
        found = {a for _, a in map(_who_is, file.get("owners", ())) if a}
    found |= {me} if found else set()
    return tuple(sorted(found)) if found != {me} else ()


def alone(rights: Sequence[File], me: str) -> bool:
    """Whether surely nobody else can read a file, by link neither."""
    there = [r for r in rights if not r.get("deleted")]
    mine = all(r["type"] == "user" and str(r.get("emailAddress", "")).lower() == me for r in there)
    return bool(there) and mine


def why_without_text(file: File, max_size: int) -> str:
    """Why the text of a file is not fetched; "" where it is."""
    kind = str(file["mimeType"])
    if kind == SHORTCUT:
        return "a shortcut to another file"
    if kind.startswith(OWN) and not export_of(file):
        name = _KINDS.get(kind.removeprefix(OWN))
        return f"what is in {name} cannot be read: found by its name only" if name else "no readable text"
    if not kind.startswith(OWN) and int(file.get("size") or 0) > max_size:
        return f"larger than {max_size:,} bytes: found by its name only"
    if not file.get("capabilities", {}).get("canDownload", True):
        return "its owner does not let it be downloaded: found by its name only"
    return ""


def told_by(file: File) -> str:
    """The hash of a file whose bytes were not read: as Google says it, else what tells it from others."""
    if file.get("sha256Checksum"):
        return str(file["sha256Checksum"])
    said = [file["id"], file.get("headRevisionId"), file.get("modifiedTime"), file.get("size")]
    return sha256("\0".join(map(str, said)).encode()).hexdigest()


def _who(said: File) -> tuple[str, str]:
    return _who_is(said.get("lastModifyingUser") or {})


def _who_is(user: File) -> tuple[str, str]:
    """Name and address."""
    name = " ".join(str(user.get("displayName") or "").split())[:200]
    return name, str(user.get("emailAddress") or "").lower()
