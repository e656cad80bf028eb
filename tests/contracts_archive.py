"""What must hold for the archive on every database: one suite, inherited for each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from archive_model import Model, agree, everything, told
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deskhand.connectors.archive import Archive, Forgotten, Person, Tally
from deskhand.connectors.model import (
    Change,
    Cursor,
    Failed,
    Flagged,
    Item,
    ItemRef,
    Kind,
    Label,
    Participant,
    Relation,
    Removed,
)
from deskhand.connectors.threads import Header, thread

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = "box"
Fresh = Callable[[], Archive]

law = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def ref(native: str, kind: Kind = "document") -> ItemRef:
    return ItemRef(SOURCE, kind, native)


def document(native: str, text: str = "text", *, version: str = "", hours: int = 0, **rest: Any) -> Item:
    digest = sha256(text.encode()).hexdigest()
    return Item(ref(native), version or digest[:8], native, text, NOW + hours * HOUR, digest, **rest)


def message(
    native: str, *, id_: str, references: Sequence[str] = (), subject: str = "", hours: int = 0, **rest: Any
) -> Item:
    data = {"message_id": id_, "references": list(references)}
    text = f"{id_} {subject}"
    digest = sha256(repr((text, references, hours)).encode()).hexdigest()
    at = NOW + hours * HOUR
    return Item(ref(native, "message"), digest[:8], subject, text, at, digest, data=data, **rest)


def event(
    native: str, start: datetime, *, hours: float = 1, until: datetime | None = None, **rest: Any
) -> Item:
    end = start + hours * HOUR
    made = Item(ref(native, "event"), "1", native, "", NOW, "0" * 64, start=start, end=end, **rest)
    return replace(made, until=until if "rrule" in made.data else end)


# -- what the laws are tried on

_NATIVES = st.sampled_from("abcd")
_ITEMS = st.builds(
    document,
    _NATIVES,
    st.sampled_from(["", "one", "two", "three"]),
    version=st.sampled_from(["v1", "v2", "v3"]),
    hours=st.integers(0, 2),
    folder=st.sampled_from(["", "x"]),
    was=st.none() | st.builds(ref, _NATIVES),
)
_CHANGES = st.one_of(
    _ITEMS,
    _ITEMS,
    st.builds(lambda n: Removed(ref(n)), _NATIVES),
    st.builds(lambda n: Failed(ref(n), "broken"), _NATIVES),
    st.builds(lambda n, flags: Flagged(ref(n), flags), _NATIVES, st.sampled_from([(), ("seen",)])),
)
_PAGES = st.lists(st.tuples(st.lists(_CHANGES, max_size=6), st.booleans(), st.booleans()), max_size=6)

_IDS = [f"<{n}@example.org>" for n in range(7)]
_SUBJECTS = ["Lunch?", "Re: Lunch?", "Budget", "Re: Budget", "[team] Re: Budget", "Fwd: Lunch?", ""]
_MAIL = st.builds(
    dict,
    id_=st.sampled_from(_IDS),
    references=st.lists(st.sampled_from(_IDS), max_size=3, unique=True).map(tuple),
    subject=st.sampled_from(_SUBJECTS),
    hours=st.integers(0, 9),
)


def threads_of(mails: dict[str, Item]) -> dict[str, str]:
    found = thread(
        Header(i.data["message_id"], tuple(i.data["references"]), i.title, i.at) for i in mails.values()
    )
    return {native: found[i.data["message_id"]] for native, i in mails.items()}


class ArchiveContract:
    """Inherit, and give `fresh`: opens a new, empty archive each time it is called."""

    @pytest.fixture
    def fresh(self) -> Fresh:
        raise NotImplementedError

    @pytest.fixture
    def archive(self, fresh: Fresh) -> Archive:
        archive = fresh()
        archive.register(SOURCE, "memory")
        return archive

    # Laws

    @law
    @given(_PAGES)
    @example([([document("a", "one"), Removed(ref("a")), document("b", "one", was=ref("a"))], True, True)])
    @example([([document("a", "one", version="v1"), document("a", "two", version="v2", hours=1),
                document("a", "two", version="v3", hours=2)], True, True)])  # fmt: skip
    @example(
        [
            ([document("a", "one"), document("b", "two")], True, False),
            ([Removed(ref("b"))], False, False),
            ([document("b", "one", was=ref("a")), document("a", "three")], True, True),
        ]
    )
    def test_is_what_the_changes_say_one_after_the_other(
        self, fresh: Fresh, pages: list[tuple[list[Change], bool, bool]]
    ) -> None:
        """Pages of anything, cut anywhere, some stored twice: equal to a model that knows no pages."""
        archive, model = fresh(), Model()
        archive.register(SOURCE, "memory")
        for number, (changes, ends, twice) in enumerate(pages):
            page = [*changes, *([Cursor(str(number))] if ends else [])]
            for _ in range(1 + twice):
                seq = archive.last_seq()
                differ = model.apply(page)
                tally = archive.apply(SOURCE, page, now=NOW)
                assert told(everything(archive, seq)) == Counter(t.told() for t in differ)
                if not differ:
                    assert archive.last_seq() == seq
                    assert tally.total == 0
            agree(archive, model, SOURCE)
        archive.close()

    @law
    @given(st.lists(_MAIL, min_size=1, max_size=12), st.data())
    def test_threads_do_not_depend_on_the_order_of_arrival(
        self, fresh: Fresh, mails: list[dict[str, Any]], data: st.DataObject
    ) -> None:
        """Messages in any order and any pages, some in two folders: threaded as if all came at once."""
        archive = fresh()
        archive.register(SOURCE, "memory")
        letters = {f"INBOX/{n}": message(f"INBOX/{n}", **mail) for n, mail in enumerate(mails)}
        letters |= {
            f"Copies/{n}": message(f"Copies/{n}", **mail) for n, mail in enumerate(mails) if n % 3 == 0
        }
        waiting = data.draw(st.permutations(list(letters.values())))
        arrived: dict[str, Item] = {}
        heard: dict[str, str] = {}
        while waiting:
            size = data.draw(st.integers(1, len(waiting)))
            page, waiting = waiting[:size], waiting[size:]
            arrived |= {i.ref.native: i for i in page}
            seq = archive.last_seq()
            archive.apply(SOURCE, page, now=NOW)
            # Whoever follows the changes hears of every thread that grew into another.
            heard |= {e.item.ref.native: e.thread for e in everything(archive, seq, page=100)}
            assert heard == threads_of(arrived)
        edited = data.draw(st.sampled_from(sorted(arrived)))
        arrived[edited] = message(edited, **data.draw(_MAIL))
        archive.apply(SOURCE, [arrived[edited]], now=NOW)
        assert {e.item.ref.native: e.thread for e in everything(archive, page=100)} == threads_of(arrived)
        archive.close()

    # Storing

    def test_keeps_every_part_of_an_item(self, archive: Archive) -> None:
        paris = ZoneInfo("Europe/Paris")
        item = Item(
            ref("all", "event"),
            "v",
            "Title ✓",
            "Text\nof it",
            datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=paris),
            "f" * 64,
            start=datetime(1890, 1, 1, tzinfo=paris),
            end=datetime(2026, 11, 1, tzinfo=UTC),
            until=NOW,
            people=(
                Participant("organizer", "ana@example.org", "Ana Test", "accepted"),
                Participant("cc", "", "Bo"),
            ),
            relations=(Relation("mentions", "box:document:a"),),
            folder="Work/2026",
            author="Ana",
            note="why",
            flags=("answered", "seen"),
            data={"rrule": "FREQ=DAILY", "deep": [{"x": [1, 2.5, None, True, "ü"]}]},
            label=Label("contact", ("box:event:all",), None),
            link="file:///x",
            was=ref("before"),
        )
        archive.apply(SOURCE, [item], now=NOW)
        assert archive.item(item.ref) == replace(item, was=None)
        assert archive.item(item.ref, "v") == replace(item, was=None)
        assert archive.item(item.ref, "w") is None
        assert archive.item(ref("none")) is None

    def test_tells_what_a_page_did(self, archive: Archive) -> None:
        first = [document("a"), document("b"), document("c"), Failed(ref("d"), "broken")]
        assert archive.apply(SOURCE, first, now=NOW) == Tally(added=3, failed=1)
        page = [
            document("a", "new"),
            document("e", was=ref("b")),
            Removed(ref("c")),
            document("f"),
            Removed(ref("x")),
            Failed(ref("d"), "still broken"),
            Failed(ref("g"), "broken"),
            document("g"),
        ]
        assert archive.apply(SOURCE, page, now=NOW) == Tally(added=2, changed=1, moved=1, removed=1, failed=1)
        assert archive.failures(SOURCE) == [Failed(ref("d"), "still broken")]
        assert archive.apply(SOURCE, [document("c")], now=NOW) == Tally(added=1)

    def test_a_thing_that_comes_back_to_an_earlier_state_has_it_twice(self, archive: Archive) -> None:
        states = [document("a", t, hours=n) for n, t in enumerate(["one", "two", "one"])]
        for state in states:
            archive.apply(SOURCE, [state], now=NOW + state.at.hour * HOUR)
        held = archive.archived(ref("a"))
        assert held is not None
        assert [*held.older, held.item] == states
        told_of = archive.revisions(ref("a"))
        assert [(r.version, r.at, r.current) for r in told_of] == [
            (s.version, s.at, s is states[-1]) for s in states
        ]
        assert [r.stored for r in told_of] == [NOW + s.at.hour * HOUR for s in states]
        assert archive.counts()["texts"] == 2

    def test_a_snapshot_that_became_a_commit_is_one_state_and_both_names_are_known(
        self, archive: Archive
    ) -> None:
        snapshot = document("a", "two", version="sha-1", hours=1)
        commit = document("a", "two", version="c0ffee", hours=2, note="Say two", author="Ana")
        archive.apply(SOURCE, [document("a", "one"), snapshot], now=NOW)
        archive.apply(SOURCE, [commit], now=NOW)
        assert [(r.version, r.note, r.author) for r in archive.revisions(ref("a"))][1:] == [
            ("c0ffee", "Say two", "Ana")
        ]
        assert archive.item(ref("a"), "sha-1") == snapshot

    def test_two_things_that_change_places_lose_nothing(self, archive: Archive) -> None:
        archive.apply(SOURCE, [document("a", "one"), document("b", "two"), Cursor("1")], now=NOW)
        swap = [document("a", "two", hours=1, was=ref("b")), document("b", "one", hours=1, was=ref("a"))]
        for page in ([swap[0]], [swap[1]], swap, swap[::-1]):
            archive.apply(SOURCE, [*page, Cursor("2")], now=NOW)
        assert {i.ref.native: i.text for i in archive.find()} == {"a": "two", "b": "one"}
        assert [len(archive.revisions(ref(n))) for n in "ab"] == [2, 2]

    def test_what_had_the_address_before_keeps_its_versions(self, archive: Archive) -> None:
        archive.apply(
            SOURCE, [document("a", "mine"), document("b", "old"), document("b~2", "other")], now=NOW
        )
        archive.apply(SOURCE, [Removed(ref("b")), document("b", "mine", was=ref("a"))], now=NOW)
        assert [i.text for i in archive.find()] == ["mine", "other"]
        aside = [e for e in everything(archive) if e.removed]
        assert [e.item.text for e in aside] == ["old"]
        assert archive.item(aside[0].item.ref) == aside[0].item
        assert len({str(e.item.ref) for e in everything(archive)}) == 3

    def test_a_failure_goes_with_what_was_renamed(self, archive: Archive) -> None:
        archive.apply(SOURCE, [document("a"), Failed(ref("a"), "locked")], now=NOW)
        archive.apply(SOURCE, [document("b", was=ref("a"))], now=NOW)
        assert archive.failures(SOURCE) == []

    def test_old_copies_of_an_address_of_another_kind_stay_apart(self, archive: Archive) -> None:
        archive.apply(SOURCE, [document("a"), message("a", id_="<1@example.org>")], now=NOW)
        archive.apply(SOURCE, [Removed(ref("a"))], now=NOW)
        assert [i.ref for i in archive.find()] == [ref("a", "message")]

    @pytest.mark.parametrize("bad", ["\0", "\ud800", "x\udcff", "a\0b\ud83d"])
    def test_text_no_database_takes_is_made_fit(self, archive: Archive, bad: str) -> None:
        people = (Participant("from", f"x{bad}@example.org", bad),)
        item = message(
            "m",
            id_=f"<{bad}@example.org>",
            references=[bad],
            subject=bad,
            people=people,
            folder=bad,
            author=bad,
            relations=(Relation("mentions", bad),),
            note=bad,
        )
        item = replace(item, text=bad, data={**item.data, "quoted": {bad: [bad]}})
        page = [
            item,
            document(bad),
            Failed(ref("f"), bad),
            Removed(ref(f"n{bad}")),
            document("ok", was=ref(bad)),
        ]
        archive.apply(SOURCE, page, now=NOW)
        kept = archive.item(ref("m", "message"))
        assert kept is not None
        assert "�" in kept.text
        assert kept.data["quoted"] == {kept.text: [kept.text]}
        assert kept.at == item.at
        assert {i.ref.native for i in archive.find()} == {"m", "ok"}
        assert len(archive.failures(SOURCE)) == 2
        seq = archive.last_seq()
        assert archive.apply(SOURCE, page, now=NOW).total == 0
        assert archive.last_seq() == seq

    def test_what_strangers_write_may_be_very_long(self, archive: Archive) -> None:
        # Random, so that no database can press it into its index after all.
        rng = __import__("random").Random(1)
        long = "".join(rng.choices("abcdefghijklmnopqrstuvwxyzäöü€", k=30_000))
        mail = message(
            "m",
            id_=f"<{long}@a>",
            references=[f"<{long}@b>"],
            subject=long,
            folder=long,
            people=(Participant("from", f"{long}@example.org", long),),
            relations=(Relation("attachment-of", long),),
        )
        answer = message("n", id_="<n@example.org>", references=[f"<{long}@a>"], hours=1)
        archive.apply(SOURCE, [mail, answer, document(long), Failed(ref(long + "x"), long)], now=NOW)
        assert archive.item(mail.ref) == mail
        assert archive.by_message_id(f"<{long}@a>") == [mail]
        assert archive.related("attachment-of", long) == [mail]
        assert archive.find(address=f"{long}@example.org", folder=long) == [mail]
        assert archive.thread_of(mail.ref) == archive.thread_of(answer.ref)
        assert len(archive.failures(SOURCE)) == 2

    def test_times_at_the_edge_of_the_calendar(self, archive: Archive) -> None:
        east, west = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")
        first = replace(message("first", id_="<1@example.org>"), at=datetime(1, 1, 1, tzinfo=east))
        last = event("last", datetime(9999, 12, 31, 22, tzinfo=west))
        archive.apply(SOURCE, [first, last], now=NOW)
        for item in archive.find():
            for zone in (east, west):
                assert item.at.astimezone(zone)
        assert [i.ref.native for i in archive.events(NOW, datetime.max.replace(tzinfo=UTC))] == ["last"]

    def test_a_time_in_the_hour_that_comes_twice(self, archive: Archive) -> None:
        twice = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris"))
        page = [replace(document("a"), at=twice), replace(message("m", id_="<1@x.test>"), at=twice)]
        archive.apply(SOURCE, page, now=NOW)
        seq = archive.last_seq()
        assert archive.apply(SOURCE, page, now=NOW) == Tally()
        assert archive.last_seq() == seq
        assert {i.at.astimezone(UTC) for i in archive.find()} == {twice.astimezone(UTC)}

    @pytest.mark.parametrize("name", ["at", "start", "end", "until"])
    def test_naive_datetimes_are_refused(self, archive: Archive, name: str) -> None:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001
        with pytest.raises(ValueError, match="time zone"):
            archive.apply(SOURCE, [document("a"), replace(document("b"), **{name: naive})], now=NOW)
        assert archive.find() == []
        with pytest.raises(ValueError, match="time zone"):
            archive.apply(SOURCE, [document("a")], now=naive)
        for ask in (archive.events, lambda a, b: archive.threads(since=a, until=b)):
            with pytest.raises(ValueError, match="time zone"):
                ask(naive, NOW)
            with pytest.raises(ValueError, match="time zone"):
                ask(NOW, naive)

    def test_a_page_is_of_one_source_and_ends_with_its_cursor(self, archive: Archive) -> None:
        with pytest.raises(ValueError, match="cursor"):
            archive.apply(SOURCE, [Cursor("1"), document("a")], now=NOW)
        with pytest.raises(ValueError, match="other:document:a is not of"):
            archive.apply(SOURCE, [replace(document("a"), ref=ItemRef("other", "document", "a"))], now=NOW)
        assert archive.counts()["items"] == 0

    # Sources

    def test_a_source_has_to_be_registered(self, archive: Archive) -> None:
        with pytest.raises(Forgotten):
            archive.apply("other", [Cursor("1")], now=NOW)
        assert archive.cursor("other") is None

    def test_a_source_of_another_kind_starts_again(self, archive: Archive) -> None:
        archive.apply(SOURCE, [Cursor("7")], now=NOW)
        archive.register(SOURCE, "memory")
        assert archive.cursor(SOURCE) == Cursor("7")
        archive.register(SOURCE, "files")
        assert archive.cursor(SOURCE) is None

    def test_says_how_sources_stand(self, archive: Archive) -> None:
        archive.register("another", "files")
        archive.apply(
            SOURCE, [document("a"), document("b"), Removed(ref("b")), Failed(ref("c"), "broken")], now=NOW
        )
        archive.passed(SOURCE, now=NOW)
        archive.passed(SOURCE, now=NOW + HOUR, error="It is away.")
        other, box = archive.sources()
        assert (other.alias, other.synced, other.tried, other.items) == ("another", None, None, 0)
        assert (box.synced, box.tried, box.error, box.items, box.failures) == (
            NOW,
            NOW + HOUR,
            "It is away.",
            1,
            1,
        )

    def test_what_is_forgotten_is_gone_and_its_versions_stay(self, archive: Archive) -> None:
        archive.register("another", "memory")
        archive.apply(
            "another", [Item(ItemRef("another", "document", "x"), "1", "", "", NOW, "0" * 64)], now=NOW
        )
        archive.apply(
            SOURCE, [document("a"), document("b"), Failed(ref("c"), "broken"), Cursor("1")], now=NOW
        )
        seq = archive.last_seq()
        assert archive.forget(SOURCE, now=NOW) == 2
        assert [i.ref.source for i in archive.find()] == ["another"]
        assert [(e.item.ref.native, e.removed) for e in everything(archive, seq)] == [
            ("a", True),
            ("b", True),
        ]
        assert [s.alias for s in archive.sources()] == ["another"]
        assert archive.item(ref("a")) == document("a")
        archive.register(SOURCE, "memory")
        assert archive.cursor(SOURCE) is None
        assert archive.failures(SOURCE) == []
        assert archive.apply(SOURCE, [document("a")], now=NOW) == Tally(added=1)

    def test_threads_of_a_process_may_write_and_read_at_once(self, archive: Archive) -> None:
        for n in range(4):
            archive.register(f"s{n}", "memory")
        problems: list[BaseException] = []
        start = threading.Barrier(5)

        def work(source: str) -> None:
            try:
                start.wait()
                for n in range(8):
                    page = [
                        Item(ItemRef(source, "document", f"{n}{i}"), "1", "", "same", NOW, "0" * 64)
                        for i in range(5)
                    ]
                    archive.apply(source, [*page, Cursor(str(n))], now=NOW)
            except BaseException as error:  # told by the main thread
                problems.append(error)

        workers = [threading.Thread(target=work, args=(f"s{n}",)) for n in range(4)]
        for worker in workers:
            worker.start()
        start.wait()
        seen: dict[int, int] = {}
        seq = 0
        while any(w.is_alive() for w in workers) or archive.last_seq() > seq:
            for entry in archive.changed_since(seq, limit=50):
                seq = entry.seq
                seen[entry.id] = seq
        assert problems == []
        assert len(seen) == 160, "a reader that remembers the seq missed something"
        assert archive.counts()["texts"] == 1

    # Asking

    def test_changes_are_told_in_pages_bounded_by_their_text(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        archive.apply(SOURCE, [document(f"{n}", f"{n}" * 100) for n in range(9)], now=NOW)
        monkeypatch.setattr("deskhand.connectors._load.MOST_TEXT", 250)
        assert [len(archive.changed_since(0, limit=n)) for n in (1, 2, 3, 9)] == [1, 2, 2, 2]
        archive.apply(SOURCE, [document("big", "x" * 1000)], now=NOW)
        assert len(everything(archive)) == 10

    def test_finds_by_everything_that_can_be_asked(self, archive: Archive) -> None:
        ana = (Participant("from", "ana@example.org", "Ana"),)
        page = [
            document("old", hours=-5), document("new", hours=5, folder="Work"), document("gone"),
            message("m", id_="<1@example.org>", people=ana, folder="INBOX"),
        ]  # fmt: skip
        archive.apply(SOURCE, [*page, Removed(ref("gone"))], now=NOW)

        def names(**asked: Any) -> list[str]:
            return [i.ref.native for i in archive.find(**asked)]

        assert names() == ["old", "m", "new"]
        assert names(newest_first=True, limit=2) == ["new", "m"]
        assert names(kinds=["message"]) == names(address="ANA@example.org") == names(folder="INBOX") == ["m"]
        assert (
            names(sources=["other"])
            == names(address="bo@example.org")
            == names(thread="<2@example.org>")
            == []
        )
        assert names(thread="<1@example.org>") == ["m"]
        assert names(since=NOW) == ["m", "new"]
        assert names(since=NOW - 5 * HOUR, until=NOW + 5 * HOUR) == ["old", "m"]

    def test_events_that_touch_a_span(self, archive: Archive) -> None:
        daily = {"data": {"rrule": "FREQ=DAILY"}}
        archive.apply(
            SOURCE,
            [
                event("ends as it starts", NOW - HOUR),
                event("over the start", NOW - HOUR / 2),
                event("in", NOW),
                event("instant", NOW, hours=0),
                event("instant before", NOW - HOUR, hours=0),
                event("at the end", NOW + 2 * HOUR),
                event("for ever", NOW - 999 * HOUR, **daily),
                event("series over", NOW - 99 * HOUR, until=NOW - HOUR, **daily),
                event("series on", NOW - 99 * HOUR, until=NOW + HOUR, **daily),
                document("no event"),
            ],
            now=NOW,
        )
        found = {i.ref.native for i in archive.events(NOW, NOW + 2 * HOUR)}
        assert found == {"over the start", "in", "instant", "for ever", "series on"}

    def test_threads_with_something_in_a_stretch_of_time(self, archive: Archive) -> None:
        archive.apply(
            SOURCE,
            [
                message("1", id_="<1@x.test>", subject="B", hours=-9),
                message("2", id_="<2@x.test>", subject="A", hours=2),
                message("3", id_="<3@x.test>", references=["<1@x.test>"], hours=3),
                message("4", id_="<4@x.test>", subject="gone", hours=1),
                Removed(ref("4", "message")),
            ],
            now=NOW,
        )
        assert archive.threads(since=NOW, until=NOW + 9 * HOUR) == ["<2@x.test>", "<1@x.test>"]
        assert archive.threads(since=NOW - 9 * HOUR, until=NOW) == ["<1@x.test>"]
        assert archive.thread_of(ref("3", "message")) == "<1@x.test>"
        assert archive.thread_of(ref("none")) == ""
        assert archive.counts()["threads"] == 3

    def test_flags_change_neither_version_nor_thread(self, archive: Archive) -> None:
        root = message("1", id_="<1@x.test>", subject="Lunch?")
        answer = message("2", id_="<2@x.test>", subject="Re: Lunch?", hours=1)
        archive.apply(SOURCE, [root, answer], now=NOW)
        seq = archive.last_seq()
        assert archive.apply(SOURCE, [replace(answer, flags=("seen",))], now=NOW) == Tally(changed=1)
        assert [(e.item.flags, e.thread, e.older) for e in everything(archive, seq)] == [
            (("seen",), "<1@x.test>", ())
        ]

    def test_other_flags_alone_are_told_without_the_thing(self, archive: Archive) -> None:
        archive.apply(
            SOURCE, [message("a", id_="<a@x.test>"), message("b", id_="<b@x.test>"), Cursor("1")], now=NOW
        )
        before, seq = archive.item(ref("a", "message")), archive.last_seq()
        tally = archive.apply(SOURCE, [Flagged(ref("a", "message"), ("seen",)), Cursor("2")], now=NOW)
        assert tally == Tally(changed=1)
        after = archive.item(ref("a", "message"))
        assert before is not None
        assert after == replace(before, flags=("seen",))
        assert [a.item.ref.native for a in archive.changed_since(seq)] == ["a"]
        assert len(archive.revisions(ref("a", "message"))) == 1
        again = [
            Flagged(ref("a", "message"), ("seen",)),
            Flagged(ref("x", "message"), ("seen",)),
            Cursor("3"),
        ]
        assert archive.apply(SOURCE, again, now=NOW) == Tally()
        assert archive.item(ref("x", "message")) is None

    def test_more_mails_of_one_subject_than_are_looked_at(
        self, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("deskhand.connectors._mailthreads.SAME_SUBJECT", 3)
        daily = [message(f"{n}", id_=f"<{n}@x.test>", subject="Backup done", hours=n) for n in range(20)]
        for letter in daily:
            archive.apply(SOURCE, [letter], now=NOW)
        answer = message("answer", id_="<answer@x.test>", subject="Re: backup done", hours=30)
        archive.apply(SOURCE, [answer], now=NOW)
        assert archive.thread_of(answer.ref) == "<19@x.test>"
        assert archive.counts()["threads"] == 20

    def test_attachments_and_copies_of_a_message(self, archive: Archive) -> None:
        letter = message("INBOX/1", id_="<1@x.test>")
        copy = message("Sent/1", id_="<1@x.test>")
        kept = replace(document("INBOX/1#1"), relations=(Relation("attachment-of", "INBOX/1"),))
        archive.apply(SOURCE, [letter, copy, kept], now=NOW)
        assert archive.related("attachment-of", "INBOX/1") == [kept]
        assert archive.by_message_id("<1@x.test>") == [letter, copy]
        archive.apply(SOURCE, [Removed(letter.ref), Removed(kept.ref)], now=NOW)
        assert archive.related("attachment-of", "INBOX/1") == []
        assert archive.by_message_id("<1@x.test>") == [copy]

    def test_the_directory_knows_whom_the_owner_writes_to(self, archive: Archive) -> None:
        def mail(n: int, from_: str, *to: str, name: str = "") -> Item:
            people = (
                Participant("from", from_, name),
                *(Participant("to", a, a.split("@")[0].title()) for a in to),
            )
            return message(f"{n}", id_=f"<{n}@x.test>", people=people, hours=n)

        def sent(n: int, *to: str) -> Item:
            item = mail(n, me, *to)
            return replace(item, data={**item.data, "sent": True})

        me = "me@example.org"
        guests = (Participant("organizer", me), Participant("attendee", "cy@x.test"))
        invited = event("e", NOW, people=guests, label=Label("user"))
        archive.apply(
            SOURCE,
            [
                sent(1, "bo@x.test", "cy@x.test"),
                sent(2, "bo@x.test"),
                sent(3, "bo@x.test", "bo@y.test"),
                mail(4, "spam@x.test", me, name="Ana Bank"),
                mail(6, me, "spam@x.test"),  # a forged From is no word of the owner
                event("f", NOW, people=(guests[0], Participant("attendee", "spam@x.test"))),
                mail(5, "bo@x.test", me, name="Somebody Else"),
                invited,
            ],
            now=NOW,
        )
        mine = frozenset({me})
        people = archive.directory(mine)
        assert [(p.name, p.written) for p in people] == [
            ("Bo", 3), ("Cy", 2), ("Bo", 1), ("Ana Bank", 0), ("Me", 0),
        ]  # fmt: skip
        archive.join_people(["bo@y.test", "BO@x.test"])
        archive.join_people(["bo@y.test"])
        archive.join_people([])
        assert archive.directory(mine)[0] == Person("Bo", ("bo@x.test", "bo@y.test"), 4)
        archive.apply(SOURCE, [mail(9, "bo@y.test", me)], now=NOW)
        assert archive.directory(mine)[0].addresses == ("bo@y.test", "bo@x.test")
        assert [p.written for p in archive.directory(frozenset())] == [0] * 4
