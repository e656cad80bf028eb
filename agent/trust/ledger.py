"""Once or not at all: every write goes through here, and through nothing else.

A row, "claimed", is on the disk before the call is made. After a crash the source is asked first whether
the effect is there already; only if it is not, the call is made again, under the same key. "Done" is
written when the outcome was read back from the source.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

from deskhand.agent.model import Effect, Run
from deskhand.agent.records.state import Records
from deskhand.agent.values import digest
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import SourceError, Unknown
from deskhand.connectors.model import Contents, Item, ItemRef, Receipt
from deskhand.connectors.operations import Operation

_RECEIPT = TypeAdapter(Receipt)
T = TypeVar("T")


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

    def carry_out(self, op: Operation, *, run: Run, step: str, now: datetime) -> Effect:
        """Do it, unless it is done already, and return its row.

        The row is in state `done` (read back), `failed` (nothing happened; `error` says why) or
        `unknown` (it may have happened; a person must look, it is never tried again).
        """
        key = effect_key(run, step, op)
        known = self._records.effect(key)
        if known is not None and known.state in ("done", "unknown", "undone"):
            return known
        # Cut off in the middle of the call: until the source was asked, nobody knows whether it happened.
        unsure: Outcome = "unknown" if known is not None and known.state == "claimed" else "failed"
        row = known or Effect(
            key=key, run=run.id, step=step, operation=op.name, arguments=op.arguments(), source=op.source,
            state="intended", at=now,
        )  # fmt: skip
        try:
            connector = _tried(lambda: self._connector(op.source), refused=unsure, broke=unsure)
            receipt = _tried(lambda: connector.find(op, key=key), refused=unsure, broke=unsure)
            if receipt is None:
                along = {"contents": _tried(lambda: self._contents(op), refused=unsure, broke=unsure)}
                row = self._keep(row, state="claimed", error="")
                receipt = _tried(
                    lambda: connector.perform(op, key=key, now=now, **(along if op.enclosed else {})),
                    refused="failed",
                    broke="unknown",
                )
            row = row.model_copy(update={"receipt": _plain(receipt)})
            item = _tried(lambda: connector.read(receipt.ref), refused="unknown", broke="unknown")
            if (item.version if item else "") != receipt.version:
                raise _Ended("unknown", f"{op.source} accepted it, but holds something else when read back.")
            inverse = _tried(lambda: connector.inverse(op, receipt), refused="unknown", broke="unknown")
        except _Ended as end:
            return self._keep(row, state=end.outcome, error=str(end))
        row = self._keep(
            row,
            state="done",
            error="",
            inverse={"operation": inverse.name, "arguments": inverse.arguments()} if inverse else None,
        )
        before = getattr(op, "ref", None)
        if item is not None and isinstance(before, ItemRef) and before != item.ref:
            item = replace(item, was=before)  # moved: one item with its history, not a second one
        self._seen(item, receipt)
        for ref, version in receipt.detail.get("also", {}).items():  # changed together with it
            with suppress(SourceError):  # done all the same; the next sync sees it
                self._seen(connector.read(ItemRef.parse(ref)), Receipt(ItemRef.parse(ref), version))
        return row

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

    def _keep(self, row: Effect, **changes: object) -> Effect:
        row = row.model_copy(update=changes)
        self._records.put_effect(row)
        return row


Outcome = Literal["failed", "unknown"]


class _Ended(Exception):
    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


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


def _plain(receipt: Receipt) -> dict[str, Any]:
    made: dict[str, Any] = _RECEIPT.dump_python(receipt, mode="json")
    return made | {"ref": str(receipt.ref)}
