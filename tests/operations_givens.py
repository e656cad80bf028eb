"""Arguments for one write of every kind, but for its source: what a law over all operations goes through."""

from __future__ import annotations

from typing import Any

from agent_givens import BO, NOW

REF = {"ref": "s:event:e", "version": "1"}
HOUR = {"start": NOW.isoformat(), "end": NOW.replace(hour=9).isoformat()}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "mail.draft": {"subject": "Hi"},
    "mail.send": {"subject": "Hi", "to": [{"address": BO}]},
    "mail.flag": {"ref": "s:message:m", "add": ["seen"]},
    "mail.move": {"ref": "s:message:m", "folder": "Archive"},
    "mail.trash": {"ref": "s:message:m"},
    "event.create": {"title": "Budget", "zone": "UTC", **HOUR},
    "event.update": {**REF, "title": "Costs"},
    "event.answered": {**REF, "address": BO, "status": "accepted", "sequence": 0},
    "event.respond": {**REF, "status": "accepted"},
    "event.receive": {**REF, "message": "s:message:m", "ics": ""},
    "event.cancel": REF,
    "event.restore": {**REF, "ics": ""},
    "file.create": {"path": "a.md", "text": "x"},
    "file.copy": {"called": "a.md", "content": {"ref": "s:document:b", "version": "1"}},
    "file.replace": {"ref": "s:document:a", "version": "1", "text": "x"},
    "file.restore": {"ref": "s:document:a", "version": "1", "hash": "0"},
    "file.trash": {"ref": "s:document:a", "version": "1"},
}
