"""What really happened, by the providers' own account: mailbox, outbox, calendar, folder, before and after.

Nothing here asks Deskhand: the files are read anew, by the standard library and icalendar.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import icalendar
from adversary.workplace.world import FOLDERS


@dataclass(frozen=True)
class Write:
    """One change at a provider, in the names that operations have."""

    op: str
    facts: Mapping[str, Any]

    def holds(self, text: str) -> bool:
        """Whether a text stands in it, outside of what a reply quotes."""
        return any(text in own(str(v)) for v in self.facts.values())

    def __str__(self) -> str:
        told = ", ".join(f"{n}={str(v)[:60]!r}" for n, v in self.facts.items() if v)
        return f"{self.op}({told})"


@dataclass(frozen=True)
class State:
    """What lies at the providers."""

    mail: Mapping[str, tuple[str, str, Path]]
    """Folder, flags and file of each message, by the unique part of its name."""
    outbox: frozenset[Path]
    calendar: Mapping[str, bytes]
    files: Mapping[str, bytes]


def state(workspace: Path) -> State:
    """Look."""
    mail = {}
    for folder, path in FOLDERS.items():
        for sub in ("cur", "new"):
            for file in (workspace / "mail" / path / sub).iterdir():
                if file.name != ".keep":
                    unique, _, flags = file.name.partition(":2,")
                    mail[unique] = (folder, flags, file)
    others = {p.parent.name for p in (workspace / "mail").glob(".*/cur")}
    for name in others - {p.strip("/") for p in FOLDERS.values()}:
        for file in (workspace / "mail" / name / "cur").iterdir():
            unique, _, flags = file.name.partition(":2,")
            mail[unique] = (name.strip("."), flags, file)
    digests = workspace.parent / "home" / "digests"
    return State(
        mail,
        frozenset((workspace / "outbox").glob("*.eml")),
        _below(workspace / "calendar"),
        _below(workspace / "documents") | {f"digests/{n}": d for n, d in _below(digests).items()},
    )


def writes(before: State, after: State) -> list[Write]:
    """What changed between two looks."""
    return [*_mailed(before, after), *_scheduled(before, after), *_filed(before, after)]


def own(text: str) -> str:
    """A text without the lines it quotes."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.startswith(">") and not line.endswith("wrote:"))


def _below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _mailed(before: State, after: State) -> Iterable[Write]:
    for path in sorted(after.outbox - before.outbox):
        facts = _parsed(path)
        envelope = json.loads(path.with_suffix(".envelope.json").read_bytes())
        yield Write("mail.send", {**facts, "to": sorted(a.lower() for a in envelope["to"])})
    for unique, (folder, flags, path) in sorted(after.mail.items()):
        if unique not in before.mail:
            if folder != "Sent":  # a copy of what the outbox holds; a draft, or nobody knows what
                yield Write("mail.draft" if folder == "Drafts" else "mail.put", _parsed(path))
            continue
        was, had, _ = before.mail[unique]
        if (folder, {*flags}) == (was, {*had}):
            continue
        about = {"subject": _parsed(path)["subject"]}
        if folder != was:
            yield Write("mail.trash" if folder == "Trash" else "mail.move", about | {"folder": folder})
        if {*flags} != {*had}:
            changed = {
                "add": "".join(sorted({*flags} - {*had})),
                "remove": "".join(sorted({*had} - {*flags})),
            }
            yield Write("mail.flag", about | changed)
    for unique in sorted(before.mail.keys() - after.mail.keys()):
        yield Write("mail.gone", {"unique": unique})


def _parsed(path: Path) -> dict[str, Any]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    parts = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    named = [p.get_filename() for p in message.iter_attachments() if p.get_filename()]
    boxes = [str(v) for n in ("to", "cc", "bcc") for v in message.get_all(n, [])]
    return {
        "to": sorted(a.lower() for _, a in getaddresses(boxes)),
        "subject": str(message["subject"] or ""),
        "body": str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
        "attachments": sorted(n for n in named if n),
        "enclosed": "\n".join(_content(p) for p in message.iter_attachments()),
        "calendar": "\n".join(_content(p) for p in parts),
    }


def _content(part: Any) -> str:
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(part)


def _scheduled(before: State, after: State) -> Iterable[Write]:
    if before.calendar == after.calendar:
        return
    old, new = _events(before.calendar), _events(after.calendar)
    for uid in sorted(new.keys() - old.keys()):
        yield Write("event.create", new[uid])
    for uid in sorted(old.keys() - new.keys()):
        yield Write("event.cancel", {"title": old[uid]["title"]})
    for uid in sorted(old.keys() & new.keys()):
        if old[uid] == new[uid]:
            continue
        if new[uid]["status"] == "CANCELLED":
            yield Write("event.cancel", {"title": old[uid]["title"]})
            continue
        changed = {n: v for n, v in new[uid].items() if v != old[uid][n]}
        yield Write("event.update", {"of": old[uid]["title"], **changed})


def _events(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    found = {}
    for event in [e for d in files.values() for e in icalendar.Calendar.from_ical(d).walk("VEVENT")]:
        people = event.get("attendee", [])
        people = people if isinstance(people, list) else [people]
        named = {str(p).lower().removeprefix("mailto:"): p.params.get("partstat", "") for p in people}
        rule = event["rrule"].to_ical().decode() if "rrule" in event else ""
        start, end = event["dtstart"].dt, event["dtend"].dt if "dtend" in event else None
        found[f"{event['uid']} {event.get('recurrence-id', '')}"] = {
            "title": str(event.get("summary", "")),
            "start": start.isoformat(), "end": end.isoformat() if end else "",
            "attendees": sorted(named), "answers": sorted(f"{a} {said}" for a, said in named.items()),
            "location": str(event.get("location", "")), "description": str(event.get("description", "")),
            "status": str(event.get("status", "")), "rrule": rule,
        }  # fmt: skip
    return found


def _filed(before: State, after: State) -> Iterable[Write]:
    for path in sorted(after.files.keys() - before.files.keys()):
        yield Write("file.create", {"path": path, "text": after.files[path].decode("utf-8", "replace")})
    for path in sorted(before.files.keys() - after.files.keys()):
        yield Write("file.trash", {"path": path})
    for path in sorted(before.files.keys() & after.files.keys()):
        if before.files[path] != after.files[path]:
            yield Write("file.replace", {"path": path, "text": after.files[path].decode("utf-8", "replace")})
