"""The three layers of state, and where in a home each thing lies: every table and every file, once.

* global: what holds for every run: settings, people, items, what was learnt
* workflow: one run: its request, plan, progress, questions, effects, the graph's and the engine's own rows
* task: one step: what it was given, tried and left

What is neither is a cache of a layer (it can be made again) or belongs to the process that is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layer = Literal["global", "workflow", "task", "process"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One table, one file or one folder of a home."""

    layer: Layer
    file: str
    """Relative to the home; a folder ends with "/"."""
    table: str = ""
    """"" is the whole file; "*" are all its tables, whoever made them."""
    holds: str = ""
    cache: bool = False
    """It can be made again from what is kept elsewhere."""


def _tables(layer: Layer, file: str, *, cache: bool = False, **holds: str) -> tuple[Kept, ...]:
    return tuple(Kept(layer, file, table, what, cache) for table, what in holds.items())


LAYERS: tuple[Kept, ...] = (
    Kept("global", "config.toml", holds="who you are, preferences, permissions, nicknames, groups, sources"),
    *_tables(
        "global", "archive.db",
        sources="where each source stands", items="everything that was read", versions="its versions",
        texts="its texts, once each", relations="what belongs to what", participants="who is in what",
        people="people", addresses="their addresses", mails="what threading needs",
        mail_ids="Message-IDs by thread", failures="what was not read", unsettled="what to look at anew",
        counters="numbers", archive_revision="the layout's version",
    ),
    *_tables(
        "global", "archive.db", cache=True,
        traces="who wrote to and met whom", answers="who answered whom, how soon",
    ),
    *_tables(
        "global", "runs.db",
        permissions="what you always allow", permission_uses="how often that was used",
        choices="whom you chose where a name could mean several", told="what digests have told",
        counters="numbers", runs_revision="the layout's version",
    ),
    *_tables(
        "workflow", "runs.db",
        runs="requests, plans, answers", events="what happened", approvals="questions, decisions",
        effects="the ledger of writes", schedules="what is asked again and again", slots="its due times",
        held="which run holds which text", spending="what was spent", reservations="what is set aside",
        audit="the audit chain: hashes of what was planned, asked, decided and done",
    ),
    *_tables("task", "runs.db", steps="what each step left", contents="long texts and values, once each"),
    Kept("workflow", "audit.head", holds="where the audit chain ends"),
    Kept("workflow", "approvals.key", holds="what questions and decisions are sealed with"),
    Kept("workflow", "checkpoints.db", "*", "the graph's states: ids, no bodies"),
    Kept("workflow", "engine.db", "*", "advances under way"),
    Kept("global", "digests/", holds="digests that were written to files"),
    Kept("global", "sources/", holds="private state of sources: kept bytes, snapshots"),
    Kept("global", "index/", holds="passages, words and vectors", cache=True),
    Kept("global", "models/", holds="weights of embedding models", cache=True),
    Kept("global", "secrets.enc", holds="where your secrets are, and those of them that are sealed"),
    Kept("global", "secrets.key", holds="what opens them, where you gave no passphrase"),
    Kept("process", "secrets.lock", holds="held while they change"),
    Kept("process", "owner.lock", holds="held by whoever has the home open"),
    Kept("process", "owner.json", holds="how other commands reach it"),
)  # fmt: skip
"""Budgets, prices and whatever else gets a table of its own is named here, or the test of this list fails."""


def of(layer: Layer) -> tuple[Kept, ...]:
    """What a layer consists of."""
    return tuple(k for k in LAYERS if k.layer == layer)


def kept_at(file: str, table: str = "") -> Kept | None:
    """What a file of a home, or a table in it, is; None: it is not named."""
    beside = file.removesuffix("-wal").removesuffix("-shm").removesuffix("-journal")
    for one in LAYERS:
        if one.file.endswith("/"):
            if f"{beside}/".startswith(one.file):
                return one
        elif one.file == beside and (not table or one.table in ("*", table)):
            return one
    return None
