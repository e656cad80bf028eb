"""Once or not at all: every write goes through here, and through nothing else.

A row, "claimed", is on the disk before the call is made. After a crash the source is asked first whether
the effect is there already; only if it is not, the call is made again, under the same key. "Done" is
written when the outcome was read back from the source. What is held first has a row that says until
when; whether it is sent then or taken back before is decided by one turn of that row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from deskhand.agent.model import Effect, EffectState, Run, Turn
from deskhand.agent.records.state import Note, Records
from deskhand.agent.trust.gate import Permit
from deskhand.agent.trust.proven import by_your_word
from deskhand.agent.values import digest
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import SourceError, Transient, Unknown
from deskhand.connectors.model import Contents, Item, ItemRef, Receipt
from deskhand.connectors.operations import Operation, operation

_RECEIPT = TypeAdapter(Receipt)
T = TypeVar("T")
Within = Callable[[Callable[[], Receipt]], Receipt]
"""Waits for a call to a source, as long as that is to be waited for."""
Again = Callable[[str], Permit | None]
"""Told why a write was not done, for a reason that passes: the permit for one more attempt, once it is time
for it; None where it stays as it is."""


def effect_key(run: Run, step: str, op: Operation) -> str:
    """Names one intended effect: the same run, step and arguments give the same key, always.

    Runs are numbered in each home; the instant one began tells those of two homes apart, which may write
    to the same source.
    """
    return digest([run.id, run.created.isoformat(), step, op.name, op.arguments()])[:32]


class Ledger:
    """Carries out writes and remembers them."""

    def __init__(
        self,
        records: Records,
        *,
        connector: Callable[[str], Connector],
        seen: Callable[[Item | None, Receipt], None] = lambda _item, _receipt: None,
    ) -> None:
        """:param seen: told of each item as it was read back, so that the archive knows it at once."""
        self._records, self._connector, self._seen = records, connector, seen

    def metered(self, connector: Callable[[str], Connector]) -> Ledger:
        """The same ledger, which reaches its sources otherwise."""
        return Ledger(self._records, connector=connector, seen=self._seen)

    def carry_out(
        self,
        op: Operation,
        *,
        permit: Permit,
        run: Run,
        step: str,
        now: datetime,
        within: Within = lambda work: work(),
        again: Again = lambda _: None,
    ) -> Effect:
        """Do it, unless it is done already, and return its row.

        The row is in state `done` (read back), `failed` (nothing happened; `error` says why) or
        `unknown` (it may have happened; a person must look, it is never tried again).

        :param within: waits for the call, and raises `Unknown` where it took too long.
        :param again: what to do where nothing happened for a reason that passes.
        :raises NotPermitted: the permit is not for this very effect.
        """
        while True:
            row, passing = self._once(op, permit=permit, run=run, step=step, now=now, within=within)
            another = again(row.error) if passing else None
            if another is None:
                return row
            permit = another

    def _once(
        self, op: Operation, *, permit: Permit, run: Run, step: str, now: datetime, within: Within
    ) -> tuple[Effect, bool]:
        """The row after one attempt, and whether nothing happened for a reason that passes."""
        row = self._row(op, run=run, step=step, now=now)
        permit.check(row.key)
        if row.state in ("done", "unknown", "undone", "withdrawn", "vouched"):
            return row, False
        key = row.key
        # Cut off in the middle of the call: until the source was asked, nobody knows whether it happened.
        unsure: Outcome = "unknown" if row.state == "claimed" else "failed"
        try:
            connector = _tried(lambda: self._connector(op.source), refused=unsure, broke=unsure)
            receipt = _tried(lambda: connector.find(op, key=key), refused=unsure, broke=unsure)
            if receipt is None:
                along = {"contents": _tried(lambda: self._contents(op), refused=unsure, broke=unsure)}
                claimed = row.turned("claimed", at=now, error="")
                if row.state != "held":
                    self._records.put_effect(claimed)
                elif not self._records.turn_effect(claimed, was="held"):
                    return self._row(op, run=run, step=step, now=now), False  # taken back a moment ago
                row = claimed
                receipt = _tried(
                    lambda: within(
                        lambda: connector.perform(op, key=key, now=now, **(along if op.enclosed else {}))
                    ),
                    refused="failed",
                    broke="unknown",
                )
            row = row.model_copy(update={"receipt": _plain(receipt)})
            row, item = _read_back(row, op, receipt, connector, now)
        except _Ended as end:
            passing = end.outcome == "failed" and isinstance(end.__cause__, Transient)
            return self._keep(row.turned(end.outcome, at=now, said=str(end), error=str(end))), passing
        self._keep(row)
        self._told(op, item, receipt)
        return row, False

    def hold(self, op: Operation, *, run: Run, step: str, now: datetime, due: datetime) -> Effect:
        """Write down that a write is held until `due`, and return its row.

        What was begun, done or taken back before stays as it is.
        """
        row = self._row(op, run=run, step=step, now=now)
        if row.state not in ("intended", "failed"):
            return row
        return self._keep(row.turned("held", at=now, error="", due=due))

    def withdraw(self, key: str, *, now: datetime, by: str = "you") -> Effect | None:
        """Take back what is held; its row. None where it is held no more: it has left, or never will."""
        row = self._records.effect(key)
        if row is None or row.state != "held":
            return None
        turned = row.turned("withdrawn", at=now, by=by)
        if not self._records.turn_effect(turned, was="held"):
            return None
        self._records.give_back(key)
        return turned

    def release(self, row: Effect, *, now: datetime, said: str, refused: bool = False) -> None:
        """Hold a write no longer, which is not done either: it is weighed anew, or (`refused`) has failed."""
        state: EffectState = "failed" if refused else "intended"
        error = said if refused else ""
        if self._records.turn_effect(row.turned(state, at=now, said=said, error=error), was="held"):
            self._records.give_back(row.key)

    def give_up(self, row: Effect, *, now: datetime) -> None:
        """Note that nobody looks any more what became of a write that was cut off: a person must."""
        said = "It was cut off, and the run was stopped before it was looked for."
        self._records.turn_effect(row.turned("unknown", at=now, said=said, error=said), was="claimed")

    def look_again(self, key: str, *, now: datetime, words: Callable[[Effect], str]) -> Effect:
        """Ask the source once more whether a write is there of which nobody knew; its row as it is then.

        Found, it is done, with what was read back, and the answer of its run says so in these `words`; else
        the row says that it was looked for in vain.
        :raises SourceError: the source cannot be asked. :raises LookupError: there is no such row.
        """
        row = self._records.effect(key)
        if row is None:
            raise LookupError(f"There is no effect {key}.")
        op = operation(row.operation, row.arguments)
        connector = self._connector(op.source)
        receipt = connector.find(op, key=row.key)
        if receipt is None:
            where = connector.where(op, key=row.key)
            said = (
                f"Looked for and not found: {where}" if where else f"{op.source} was asked: it is not there."
            )
            return self._still(row, said, now=now)
        try:
            found, item = _read_back(
                row.model_copy(update={"receipt": _plain(receipt)}), op, receipt, connector, now
            )
        except _Ended as end:
            return self._still(row, str(end), now=now)
        self._told(op, item, receipt)
        said = words(found)
        if not self._records.turn_and_tell(
            found, was=row.state, said=said, note=_since("found", found, said)
        ):
            return self._records.effect(key) or found  # it was settled a moment ago
        return found

    def _still(self, row: Effect, said: str, *, now: datetime) -> Effect:
        """A row of which nothing more is known, with what was looked for."""
        turned = row.turned(row.state, at=now, said=said)
        if not self._records.turn_effect(turned, was=row.state):
            return self._records.effect(row.key) or turned
        return turned

    def where(self, row: Effect) -> str:
        """Where a person can look whether a write happened; "" where its source cannot say."""
        op = operation(row.operation, row.arguments)
        try:
            return self._connector(op.source).where(op, key=row.key)
        except SourceError:
            return ""  # not connected any more

    def vouch(self, key: str, happened: bool, *, now: datetime) -> Effect:
        """Take the person's word for a write of which nobody knows; its row. The answer of its run says so.

        :raises LookupError: there is no such row, or it is known what became of it.
        """
        row = self._records.effect(key)
        if row is None or row.state != "unknown":
            raise LookupError(f"Nothing is to be settled of {key}.")
        said = "You looked, and said that it happened." if happened else "You said that it did not happen."
        state: EffectState = "vouched" if happened else "failed"
        error = "" if happened else said
        turned = row.turned(state, at=now, said=said, by="you", error=error)
        told = by_your_word(turned)
        note = _since("settled", turned, told)
        if not self._records.turn_and_tell(turned, was="unknown", said=told, note=note):
            raise LookupError(f"Nothing is to be settled of {key}.")
        return turned

    def _row(self, op: Operation, *, run: Run, step: str, now: datetime) -> Effect:
        key = effect_key(run, step, op)
        row = self._records.effect(key) or Effect(
            key=key, run=run.id, step=step, operation=op.name, arguments=op.arguments(), source=op.source,
            state="intended", at=now, history=(Turn(state="intended", at=now),),
        )  # fmt: skip
        # What is done is what the key names, whatever somebody made the row say meanwhile.
        named = {"operation": op.name, "arguments": op.arguments(), "source": op.source}
        return row.model_copy(update=named)

    def _told(self, op: Operation, item: Item | None, receipt: Receipt) -> None:
        """Have the archive know what was written, at once."""
        connector = self._connector(op.source)
        before = getattr(op, "ref", None)
        if item is not None and isinstance(before, ItemRef) and before != item.ref:
            item = replace(item, was=before)  # moved: one item with its history, not a second one
        self._seen(item, receipt)
        for ref, version in receipt.detail.get("also", {}).items():  # changed together with it
            with suppress(SourceError):  # done all the same; the next sync sees it
                self._seen(connector.read(ItemRef.parse(ref)), Receipt(ItemRef.parse(ref), version))

    def look(self, ref: ItemRef) -> None:
        """Read an item now, so that the archive has it as it is. :raises SourceError: it cannot be read.

        What is not found stays in the archive as it was: whether it is gone, or lies in something that cannot
        be read by now, a whole pass over the source finds out.
        """
        item = self._connector(ref.source).read(ref)
        if item is not None:
            self._seen(item, Receipt(ref, item.version))

    def _contents(self, op: Operation) -> Contents:
        """The bytes of what an operation takes along, at the very versions that were approved.

        :raises SourceError: one of them is gone, has changed, or cannot be read.
        """
        return {e.ref: self._connector(e.ref.source).content(e.ref, e.version) for e in op.enclosed}

    def _keep(self, row: Effect) -> Effect:
        self._records.put_effect(row)
        return row


Outcome = Literal["failed", "unknown"]


class _Ended(Exception):
    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


def _read_back(
    row: Effect, op: Operation, receipt: Receipt, connector: Connector, now: datetime
) -> tuple[Effect, Item | None]:
    """The row, done, and what its source holds by it. :raises _Ended: the source holds something else."""
    item = _tried(lambda: connector.read(receipt.ref), refused="unknown", broke="unknown")
    if (item.version if item else "") != receipt.version:
        raise _Ended("unknown", f"{op.source} accepted it, but holds something else when read back.")
    inverse = _tried(lambda: connector.inverse(op, receipt), refused="unknown", broke="unknown")
    back = {"operation": inverse.name, "arguments": inverse.arguments()} if inverse else None
    return row.turned("done", at=now, error="", inverse=back), item


def _tried(call: Callable[[], T], *, refused: Outcome, broke: Outcome) -> T:
    """What a source answers. `refused`, `broke`: what is known of the effect when it raises an error it
    declares, or one it does not."""
    try:
        return call()
    except Unknown as error:
        raise _Ended("unknown", str(error)) from error
    except SourceError as error:
        raise _Ended(refused, str(error)) from error
    except Exception as error:
        # A connector that breaks is no reason to lose track of its effect: the row says what is known.
        raise _Ended(broke, f"The source broke: {type(error).__name__}: {error}") from error


def _since(type_: str, row: Effect, said: str) -> Note:
    """The event that tells what was found out later."""
    return Note(type_, row.history[-1].at, {"step": row.step, "effect": row.key, "said": said})


def _plain(receipt: Receipt) -> dict[str, Any]:
    made: dict[str, Any] = _RECEIPT.dump_python(receipt, mode="json")
    return made | {"ref": str(receipt.ref)}
