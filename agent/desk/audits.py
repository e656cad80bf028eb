"""The audit chain for every door, in plain JSON: lines, and whether the records are what it says.

An exported chain is one line of JSON for each line of the chain, and a last one that says where it ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from deskhand.agent.records.chain import End, Fault, Line, Walk, capital, named
from deskhand.agent.records.proof import Proof, prove

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]
AT_ONCE = 500
"""Lines that are asked for in one go."""


def audit_lines(app: App, *, since: int = 0, run: str = "", limit: int = AT_ONCE, last: int = 0) -> Answer:
    """Lines of the chain after number `since`, in order; or the `last` so many, and what they are about.

    `end`: where the chain ends. `about`: in words, by the id of an approval or effect.
    """
    if run:
        app.run(run)  # a run that does not exist is a mistake, not an empty list
    records = app.runs_room.records
    lines = records.audit_lines(since=since, run=run, limit=limit, last=last)
    end = records.audit_end
    about: dict[str, str] = {}
    for line in lines if last else ():
        row: Any = None
        if line.subject not in about and line.what in ("approval", "effect"):
            row = (records.effect if line.what == "effect" else records.approval)(line.subject)
        if row is not None:
            about[line.subject] = row.operation
    made = [line.as_json() for line in lines]
    return {"lines": made, "end": {"n": end.n, "hash": end.hash}, "about": about}


def audit_verify(app: App) -> Answer:
    """Whether the chain is whole, and the records are what it tells of."""
    records = app.runs_room.records
    return shape(prove(records.engine, records.audit_end, zone=app.owner.tz))


def shape(proof: Proof) -> Answer:
    """What came of it, in the stable shape."""
    return {
        "whole": proof.whole,
        "lines": proof.lines,
        "since": proof.since.isoformat() if proof.since else None,
        "faults": [{"first": f.first, "last": f.last, "said": f.said} for f in proof.faults],
        "more": proof.more,
        "notes": proof.notes,
    }


def exported(ask: Callable[..., Answer]) -> Iterator[str]:
    """The lines of an exported chain. :param ask: answers `audit_lines`."""
    end, hash_ = 0, "0" * 64
    while (got := ask(since=end))["lines"]:
        for line in got["lines"]:
            yield _json(line)
        end, hash_ = got["lines"][-1]["n"], got["lines"][-1]["hash"]
    yield _json({"end": end, "hash": hash_})


def verified(file: Iterable[str], *, zone: tzinfo, ask: Callable[..., Answer] | None = None) -> Proof:
    """Check an exported chain, standing alone; and against the home's own, where `ask` answers for one."""
    reader = _Exported(file)
    proof = Proof()
    walk = Walk(zone)
    home = _Home(ask) if ask is not None else None
    other = False
    for line in reader.lines():
        proof.since = proof.since or line.at
        proof.take(walk.step(line))
        if home is None or other:
            continue
        mine = home.line(line.n)
        if mine is None:
            continue  # told once, below
        if mine.hash != line.hash:
            if line.n == 1:
                other = True
                proof.notes.append("It is the chain of another home than this one; it was checked by itself.")
                continue
            said = f"{capital(named(line, zone))} is not what this home has under that number."
            proof.take(iter([Fault(line.n, line.n, said)]))
    proof.take(walk.finish())
    proof.lines = walk.count
    proof.take(reader.faults(walk))
    if home is not None and not other:
        proof.take(home.faults(walk))
    return proof


class _Exported:
    """An exported chain while it is read."""

    def __init__(self, file: Iterable[str]) -> None:
        self._file = file
        self._end: End | None = None
        self._faults: list[Fault] = []

    def lines(self) -> Iterator[Line]:
        for number, text in enumerate(self._file, 1):
            if not text.strip():
                continue
            if self._end is not None:
                self._fault(f"Row {number:,} stands behind the end of the export.")
            try:
                said = json.loads(text)
                if isinstance(said, dict) and said.keys() == {"end", "hash"}:
                    self._end = End(int(said["end"]), str(said["hash"]))
                    continue
                line = Line.of_json(said)
            except (ValueError, TypeError, RecursionError) as error:
                self._fault(f"Row {number:,} of the file cannot be read: {capital(str(error))}.")
                continue
            yield line

    def faults(self, walk: Walk) -> Iterator[Fault]:
        """What is wrong with the file besides its lines."""
        yield from self._faults
        last = walk.last
        if self._end is None:
            after = f" behind line {last.n:,}" if last else ""
            yield Fault(0, 0, f"The end of the export is missing: something{after} was cut off.")
        elif last is None or last.n < self._end.n:
            n = self._end.n - (last.n if last else 0)
            which = "The last line is" if n == 1 else f"The last {n:,} lines are"
            yield Fault(self._end.n - n + 1, self._end.n, f"{which} missing (up to line {self._end.n:,}).")
        elif End(last.n, last.hash) != self._end:
            yield Fault(last.n, last.n, f"Line {last.n:,} is not the end that the export was written with.")

    def _fault(self, said: str) -> None:
        if len(self._faults) < AT_ONCE:
            self._faults.append(Fault(0, 0, said))


class _Home:
    """The home's own chain, read along."""

    def __init__(self, ask: Callable[..., Answer]) -> None:
        self._ask, self._page = ask, dict[int, Line]()
        self._end = int(ask(limit=1)["end"]["n"])

    def line(self, n: int) -> Line | None:
        if n not in self._page:
            got = [Line.of_json(line) for line in self._ask(since=n - 1)["lines"]]
            self._page = {line.n: line for line in got}
        return self._page.get(n)

    def faults(self, walk: Walk) -> Iterator[Fault]:
        last = walk.last
        if last is not None and self.line(last.n) is None:
            said = f"This home's chain does not hold line {last.n:,}, which was exported: it was cut."
            yield Fault(last.n, last.n, said)


def _json(said: Any) -> str:
    return json.dumps(said, separators=(",", ":"), ensure_ascii=True) + "\n"
