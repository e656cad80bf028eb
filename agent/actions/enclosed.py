"""Attachments that are filed: where each goes and what it is called there, and what became of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import MAYBE, Given, Handle
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.wording.writes import day, path_of
from deskhand.connectors.model import Item, ItemRef, Label

_LONGEST = 120
"""Characters of a file's name."""
_SEPARATORS = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]+")
_NOT_FILES = frozenset({"text/calendar", "application/pgp-signature", "application/pkcs7-signature"})
_MB = 1_000_000


class Placed(Given):
    """A file to be written: what it is a copy of, and its name."""

    ref: Handle
    version: str
    called: str
    name: str = MAYBE
    """As it is called in the mail."""


class PlacedGiven(Given):
    """The files to be written, in the order of their mails."""

    files: list[Placed]
    count: int
    notes: list[str]


@action("attachments.place", gives=PlacedGiven)
def place(
    context: Context,
    *,
    messages: list[dict[str, Any]],
    folder: str,
    source: str,
    endings: Sequence[str] = (),
) -> Output:
    """Under which name each attachment of messages (of `message.list`) is filed: {files, count, notes}.

    A name is made safe for every system, and never one that is taken: `name (2).pdf`. What lies in the
    folder already, byte for byte, is left out and told. `endings` ("pdf") picks out some.

    :raises CannotDo: nothing is attached to them, or all of it is there already.
    """
    there = [
        d for d in context.archive.find(kinds=["document"], sources=[source])
        if d.folder.casefold() == folder.casefold()
    ]  # fmt: skip
    names = [(d.hash, path_of(d.ref, d.title).rpartition("/")[2]) for d in there]
    taken = {name.casefold() for _, name in names}
    known = {digest: f"{folder}/{name}" if folder else name for digest, name in names}
    files: list[dict[str, Any]] = []
    labels = {"": selected()}
    notes: list[str] = []
    for attached in _attached(messages, endings):
        item = context.archive.item(ItemRef.parse(attached["ref"]), attached["version"])
        if item is None:
            raise CannotDo(f"{attached['name']} is not in the archive any more; sync and ask again.")
        if (before := known.get(item.hash)) is not None:
            notes.append(f"{attached['name']} is there already, as {before}.")
            continue
        called = _free(filed_name(str(attached["name"])), taken)
        taken.add(called.casefold())
        known[item.hash] = f"{folder}/{called}" if folder else called
        at = f"files[{len(files)}]"
        foreign = Label("untrusted", (attached["ref"],), item.label.readers)
        own = selected((attached["ref"],), item.label.readers)
        labels |= {f"{at}.called": foreign, f"{at}.name": foreign, f"{at}.ref": own, f"{at}.version": own}
        files.append({n: attached[n] for n in ("ref", "version", "name")} | {"called": called})
    if not files:
        raise CannotDo(_nothing(messages, notes, endings))
    labels["notes"] = Label("untrusted", (), ())
    return Output({"files": files, "count": len(files), "notes": notes}, labels)


class FiledGiven(Given):
    """How many were filed."""

    count: int


@action("attachments.filed", gives=FiledGiven)
def filed(
    context: Context, *, files: list[dict[str, Any]], folder: str, source: str, notes: list[str]
) -> Output:
    """What became of the files that `attachments.place` named: what was filed where, and from whom.

    Each is filed only where the ledger says so and the archive holds the same bytes, read back from the disk.
    """
    done = {
        (str(e.arguments["content"]["ref"]), str(e.arguments["called"])): e
        for e in context.records.effects(run=context.run) if e.operation == "file.copy" and e.state == "done"
    }  # fmt: skip
    lines: list[Passage] = []
    left: list[Passage] = []
    for one in files:
        item = context.archive.item(ItemRef.parse(one["ref"]), one["version"])
        effect = done.get((one["ref"], one["called"]))
        kept = (
            context.archive.item(ItemRef.parse(effect.receipt["ref"])) if effect and effect.receipt else None
        )
        path = f"{folder}/{one['called']}" if folder else str(one["called"])
        if item is not None and kept is not None and kept.hash == item.hash:
            lines.append(Passage(text=f"{path}: {_from(context, item)}", cites=(Citation.of(item),)))
        else:
            left.append(Passage(text=f"{path} was not filed.", cites=(Citation.of(item),) if item else ()))
    left += [Passage(text=n) for n in notes]
    sections = [Section(heading=f"Filed in {source}", passages=tuple(lines))] if lines else []
    sections += [Section(heading="Left out", passages=tuple(left))] if left else []
    title = f"{len(lines)} file{'' if len(lines) == 1 else 's'} in {folder or source}"
    brief = Brief(title=title, sections=tuple(sections))
    return Output({"count": len(lines)}, {"": selected()}, brief)


def filed_name(name: str) -> str:
    """A name that any system takes, out of one that a stranger gave; its ending stays what it was."""
    text = unicodedata.normalize("NFC", name)
    text = "".join(
        c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    text = " ".join(_SEPARATORS.sub(" ", text).split()).strip(" .~-_") or "attachment"
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > 10:
        return text[:_LONGEST].rstrip(" .")
    return f"{stem[: _LONGEST - len(ending) - 1].rstrip(' .') or 'attachment'}.{ending}"


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first "name (2).pdf" that nothing has; capital letters make no difference."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot else (name, "")
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){ending}"
    return name


def _attached(messages: Sequence[dict[str, Any]], endings: Sequence[str]) -> list[dict[str, Any]]:
    wanted = {e.casefold().lstrip(".") for e in endings}
    return [
        a for m in messages for a in m["attachments"]
        if str(a["type"]).lower() not in _NOT_FILES
        and (not wanted or str(a["name"]).casefold().rpartition(".")[2] in wanted)
    ]  # fmt: skip


def _nothing(messages: Sequence[dict[str, Any]], notes: Sequence[str], endings: Sequence[str]) -> str:
    if notes:
        return f"There is nothing new to file. {' '.join(notes)}"
    if not messages:
        return "No mail with something attached fits that, so nothing was filed."
    what = f"no {' or '.join(e.upper() for e in endings)} file" if endings else "nothing"
    mails = "mail" if len(messages) == 1 else f"{len(messages)} mails"
    return f"To the {mails} that fit {what} is attached, so nothing was filed."


def _from(context: Context, item: Item) -> str:
    when = day(item.at.astimezone(context.owner.tz), now=context.now)
    size = int(item.data.get("size", 0))
    much = f"{size / _MB:.1f} MB" if size >= _MB else f"{max(1, round(size / 1000))} KB"
    return f"from {item.author or 'somebody'}, {when}, {much}"
