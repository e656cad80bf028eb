"""What must hold for every implementation of a protocol: one suite each, inherited by all.

A new connector subclasses `ConnectorContract`, gives the fixtures, and is held to the same promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from deskhand.agent.actions._shapes import misfits
from deskhand.agent.actions._written import WRITTEN
from deskhand.connectors.base import NOTHING, Connector
from deskhand.connectors.errors import Conflict, Unsupported
from deskhand.connectors.model import Change, Contents, Cursor, Flagged, Item, Removed
from deskhand.connectors.operations import Operation

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Nonsense(Operation):
    name = "nonsense.do"
    effect = "write"
    undo = "R0"


@dataclass(frozen=True)
class Write:
    """One write to try: the operation, and one like it that must be refused as stale (or None)."""

    operation: Operation
    stale: Operation | None = None
    contents: Contents = field(default_factory=lambda: NOTHING)
    """What it takes along."""


def pass_over(connector: Connector, since: Cursor | None = None) -> tuple[list[Change], Cursor]:
    """Run one pass; return what it yielded besides cursors, and its last cursor."""
    changes = list(connector.changes(since))
    assert isinstance(changes[-1], Cursor), "a pass ends with a cursor"
    return [c for c in changes if not isinstance(c, Cursor)], changes[-1]


def current(changes: Sequence[Change]) -> dict[str, Item]:
    """What a pass left as the current items, by address."""
    items: dict[str, Item] = {}
    for change in changes:
        if isinstance(change, Item):
            items[str(change.ref)] = change
        elif isinstance(change, Removed):
            items.pop(str(change.ref), None)
        elif isinstance(change, Flagged) and (known := items.get(str(change.ref))) is not None:
            items[str(change.ref)] = replace(known, flags=change.flags)
    return items


class ConnectorContract:
    """Inherit, and give `connector` (holding at least two items) and `writes`."""

    @pytest.fixture
    def connector(self) -> Connector:
        raise NotImplementedError

    @pytest.fixture
    def writes(self, connector: Connector) -> list[Write]:
        """At least one `Write` for each operation the connector declares; [] when read-only."""
        raise NotImplementedError

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        """Addresses, lower case, of people whose time the connector knows without an error."""
        return []

    def test_is_a_connector(self, connector: Connector) -> None:
        assert isinstance(connector, Connector)

    def test_every_page_ends_with_a_cursor(self, connector: Connector) -> None:
        changes, cursor = pass_over(connector)
        assert len([c for c in changes if isinstance(c, Item)]) >= 2
        assert cursor.expected is None or cursor.done == cursor.expected

    def test_nothing_changes_after_the_cursor(self, connector: Connector) -> None:
        _, cursor = pass_over(connector)
        changes, again = pass_over(connector, cursor)
        assert changes == []
        assert again.value == cursor.value

    def test_a_second_full_pass_yields_equal_values(self, connector: Connector) -> None:
        assert pass_over(connector) == pass_over(connector)

    def test_a_pass_can_be_taken_up_at_any_cursor(self, connector: Connector) -> None:
        whole = list(connector.changes(None))
        expected = current(whole)
        for i, change in enumerate(whole):
            if isinstance(change, Cursor):
                rest, _ = pass_over(connector, change)
                assert current([*whole[: i + 1], *rest]) == expected

    def test_items_belong_to_the_source_and_carry_what_every_item_must(self, connector: Connector) -> None:
        for item in pass_over(connector)[0]:
            if isinstance(item, Item):
                assert item.ref.source == connector.source
                assert item.ref == type(item.ref).parse(str(item.ref))
                assert item.version
                assert len(item.hash) == 64
                for moment in (item.at, item.start, item.end, item.until):
                    assert moment is None or moment.tzinfo is not None

    def test_reads_what_it_yielded(self, connector: Connector) -> None:
        for item in current(pass_over(connector)[0]).values():
            read = connector.read(item.ref)
            assert read is not None
            assert (read.version, read.text, read.hash) == (item.version, item.text, item.hash)

    def test_reading_what_is_not_there_gives_none(self, connector: Connector) -> None:
        item = next(c for c in connector.changes(None) if isinstance(c, Item))
        ref = type(item.ref)(item.ref.source, item.ref.kind, "no/such thing")
        assert connector.read(ref) is None

    def test_gives_the_bytes_of_a_version_and_of_no_other(self, connector: Connector) -> None:
        """Once and again the same; what has no bytes says so."""
        for item in current(pass_over(connector)[0]).values():
            try:
                first = connector.content(item.ref, item.version)
            except Unsupported:
                assert item.ref.kind == "event" or int(item.data.get("size", 0)) > 0
                continue
            assert connector.content(item.ref, item.version) == first
            with pytest.raises(Conflict):
                connector.content(item.ref, "m-000000000000")
            with pytest.raises(Conflict):
                connector.content(type(item.ref)(item.ref.source, item.ref.kind, "none"), item.version)

    def test_refuses_operations_it_does_not_declare(self, connector: Connector) -> None:
        with pytest.raises(Unsupported):
            connector.perform(Nonsense(source=connector.source), key="k0", now=NOW)

    def test_every_declared_operation_is_tried(self, connector: Connector, writes: list[Write]) -> None:
        assert {type(w.operation) for w in writes} == set(connector.operations)

    def test_an_effect_happens_once_and_is_found(self, connector: Connector, writes: list[Write]) -> None:
        """Each write on its own key: absent before, there after, and a second call adds nothing."""
        for n, write in enumerate(writes):
            key = f"{n:02d}" + "ab" * 15
            op = write.operation
            assert connector.find(op, key=key) is None, f"{op.name} is found before it happened"
            receipt = connector.perform(op, key=key, now=NOW, contents=write.contents)
            said = WRITTEN[op.name].model_fields["detail"].annotation
            assert misfits(said, dict(receipt.detail)) == [], f"{op.name} says what nobody expects of it"
            found = connector.find(op, key=key)
            assert found is not None, f"{op.name} is not found after it happened"
            assert (found.ref, found.version) == (receipt.ref, receipt.version)
            before = current(pass_over(connector)[0])
            assert connector.perform(op, key=key, now=NOW, contents=write.contents).ref == receipt.ref
            assert current(pass_over(connector)[0]) == before, f"{op.name} happened twice"
            read = connector.read(receipt.ref)
            assert (read.version if read else "") == receipt.version
            if inverse := connector.inverse(op, receipt):
                connector.perform(inverse, key=key.replace("a", "c"), now=NOW)

    def test_a_write_shows_up_in_the_next_pass(self, connector: Connector, writes: list[Write]) -> None:
        for n, write in enumerate(writes):
            _, cursor = pass_over(connector)
            receipt = connector.perform(
                write.operation, key=f"{n:02d}" + "cd" * 15, now=NOW, contents=write.contents
            )
            seen = {c.ref for c in pass_over(connector, cursor)[0] if not isinstance(c, Cursor)}
            assert receipt.ref in seen, write.operation.name
            if inverse := connector.inverse(write.operation, receipt):
                connector.perform(inverse, key=f"{n:02d}" + "de" * 15, now=NOW)

    def test_nobody_it_does_not_know_is_free(self, connector: Connector) -> None:
        """Who is not known is not in the answer, or has a reason there; and nothing is asked of nobody."""
        told = connector.free_busy(["nobody@example.com"], start=NOW, end=NOW + timedelta(days=30))
        assert all(answer.error for answer in told.values())
        assert not connector.free_busy([], start=NOW, end=NOW + timedelta(days=30))

    def test_tells_other_peoples_time(self, connector: Connector, acquaintances: list[str]) -> None:
        """In the window and in order, under the address in lower case, as often as it is asked the same."""
        start, end = NOW, NOW + timedelta(days=30)
        told = connector.free_busy([a.upper() for a in acquaintances], start=start, end=end)
        assert sorted(told) == sorted(acquaintances)
        for address, answer in told.items():
            assert answer.address == address
            assert list(answer.busy) == sorted(answer.busy)
            for busy in answer.busy:
                assert start <= busy.start < busy.end <= end
            assert answer.until is None or answer.until.utcoffset() is not None
        assert connector.free_busy(acquaintances, start=start, end=end) == told

    def test_asking_for_free_time_changes_nothing(
        self, connector: Connector, acquaintances: list[str]
    ) -> None:
        changes, cursor = pass_over(connector)
        connector.free_busy([*acquaintances, "nobody@example.com"], start=NOW, end=NOW + timedelta(days=9))
        assert pass_over(connector) == (changes, cursor)

    def test_stale_writes_are_refused_and_change_nothing(
        self, connector: Connector, writes: list[Write]
    ) -> None:
        before = current(pass_over(connector)[0])
        for n, write in enumerate(writes):
            if write.stale is not None:
                with pytest.raises(Conflict):
                    connector.perform(
                        write.stale, key=f"{n:02d}" + "ef" * 15, now=NOW, contents=write.contents
                    )
        assert current(pass_over(connector)[0]) == before
