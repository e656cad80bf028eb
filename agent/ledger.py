"""Once or not at all: every write goes through here, and through nothing else.

A row is on the disk before the call is made. After a crash the source is asked first whether the effect
is there already; only if it is not, the call is made again, under the same key. "Done" is written when
the outcome was read back from the source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import TypeAdapter

from deskhand.agent.model import Effect, digest
from deskhand.agent.state import Records
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import SourceError, Unknown
from deskhand.connectors.model import Item, Receipt
from deskhand.connectors.operations import Operation

_RECEIPT = TypeAdapter(Receipt)


def effect_key(run: str, step: str, op: Operation) -> str:
    """Names one intended effect: the same run, step and arguments give the same key, always."""
    return digest([run, step, op.name, op.arguments()])[:32]


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

    def carry_out(self, op: Operation, *, run: str, step: str, now: datetime) -> Effect:
        """Do it, unless it is done already, and return its row.

        The row is in state `done` (read back), `failed` (nothing happened; `error` says why) or
        `unknown` (it may have happened; a person must look, it is never tried again).
        """
        key = effect_key(run, step, op)
        known = self._records.effect(key)
        if known is not None and known.state in ("done", "unknown", "undone"):
            return known
        row = known or Effect(
            key=key, run=run, step=step, operation=op.name, arguments=op.arguments(), source=op.source,
            state="intended", at=now,
        )  # fmt: skip
        row = self._keep(row, state="intended", error="")
        try:
            connector = self._connector(op.source)
            receipt = connector.find(op, key=key)
            if receipt is None:
                row = self._keep(row, state="claimed")
                receipt = connector.perform(op, key=key, now=now)
            item = connector.read(receipt.ref)
        except Unknown as error:
            return self._keep(row, state="unknown", error=str(error))
        except SourceError as error:
            return self._keep(row, state="failed", error=str(error))
        if (item.version if item else "") != receipt.version:
            return self._keep(
                row,
                state="unknown",
                error=f"{op.source} accepted it, but holds something else when read back.",
                receipt=_RECEIPT.dump_python(receipt, mode="json"),
            )
        inverse = connector.inverse(op, receipt)
        row = self._keep(
            row,
            state="done",
            receipt=_RECEIPT.dump_python(receipt, mode="json") | {"ref": str(receipt.ref)},
            inverse={"operation": inverse.name, "arguments": inverse.arguments()} if inverse else None,
        )
        self._seen(item, receipt)
        return row

    def _keep(self, row: Effect, **changes: object) -> Effect:
        row = row.model_copy(update=changes)
        self._records.put_effect(row)
        return row
