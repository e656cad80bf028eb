"""Which elements a reference chooses, in which order, and under which label they come out."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.labels import plain
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Ref
from deskhand.agent.plans.references import as_ref
from deskhand.agent.plans.selecting import choose
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import look_up
from deskhand.connectors.model import Label

METADATA, FOREIGN = Label("metadata"), Label("untrusted", ("m:message:1",), ())

MAILS = [
    {"id": "a", "at": "2026-11-20T09:00:00+01:00", "who": "Ann", "size": 3, "read": True},
    {"id": "b", "at": "2026-11-20T08:30:00+00:00", "who": "bo", "size": 10, "read": False},
    {"id": "c", "at": "2026-11-18T12:00:00+00:00", "who": "Ann", "read": False},
    {"id": "d", "who": "Cy", "size": 1, "read": False},
]
DONE = {
    "mails": StepState(
        "mails", "done", {"messages": MAILS, "since": "2026-11-19T00:00:00+00:00"}, plain({"": METADATA})
    ),
    "none": StepState("none", "done", {"messages": [], "one": "x"}, plain({"": METADATA})),
}


def ref(**given: Any) -> Ref:
    return Ref.model_validate({"ref": "mails", "path": "messages"} | given)


def chosen(**given: Any) -> Any:
    return look_up(ref(**given), DONE)[0]


def who(name: str) -> dict[str, Any]:
    return {"test": "equals", "of": {"ref": "each", "path": "who"}, "value": name}


class TestChoosing:
    @pytest.mark.parametrize(
        ("given", "ids"),
        [
            ({"where": who("ann")}, ["a", "c"]),
            ({"where": {"test": "not", "of": who("Ann")}}, ["b", "d"]),
            ({"sort": "at"}, ["c", "a", "b", "d"]),
            ({"sort": "at", "descending": True}, ["b", "a", "c", "d"]),
            ({"sort": "who"}, ["a", "c", "b", "d"]),
            ({"sort": "who", "descending": True}, ["d", "b", "a", "c"]),
            ({"sort": "size"}, ["d", "a", "b", "c"]),
            ({"where": {"test": "number", "of": {"ref": "each", "path": "size"}, "least": 2}}, ["a", "b"]),
            (
                {
                    "where": {
                        "test": "after",
                        "of": {"ref": "each", "path": "at"},
                        "value": {"ref": "mails", "path": "since"},
                    }
                },
                ["a", "b"],
            ),
        ],
    )
    def test_all_that_fit_in_their_order(self, given: dict[str, Any], ids: list[str]) -> None:
        assert chosen(**given, then="id") == ids

    @pytest.mark.parametrize(("take", "id_"), [("first", "c"), ("last", "d"), (0, "c"), (2, "b")])
    def test_one_of_them(self, take: Any, id_: str) -> None:
        assert chosen(sort="at", take=take, then="id") == id_

    def test_the_only_one(self) -> None:
        assert chosen(where=who("Cy"), take="only", then="id") == "d"

    def test_how_many(self) -> None:
        assert chosen(where=who("Ann"), take="count") == 2
        assert chosen(where=who("Dee"), take="count") == 0

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"where": who("Ann"), "take": "only"}, "mails.messages has 2 that fit, and only one was meant"),
            ({"where": who("Dee"), "take": "first"}, "mails.messages has none that fit"),
            ({"take": 7}, "mails.messages has only 4 that fit"),
            ({"path": "since", "take": "first"}, "mails.since is no list to choose from"),
            ({"take": "first", "then": "nothing"}, "mails.messages[0].nothing is not there"),
        ],
    )
    def test_what_is_not_there_is_said(self, given: dict[str, Any], said: str) -> None:
        with pytest.raises(Unresolved) as error:
            chosen(**given)
        assert str(error.value) == said

    def test_of_nothing_everything_is_nothing(self) -> None:
        assert look_up(Ref(ref="none", path="messages", sort="at"), DONE)[0] == []


class TestLabels:
    def test_what_was_taken_keeps_the_label_of_its_place(self) -> None:
        labels = plain({"": METADATA, "messages[1]": FOREIGN})
        done = {"mails": StepState("mails", "done", {"messages": MAILS}, labels)}
        assert look_up(ref(sort="size", take=2), done)[1].trust == "untrusted"
        assert look_up(ref(sort="size", take=1), done)[1].trust == "metadata"
        assert look_up(ref(where=who("Ann")), done)[1].trust == "metadata"
        assert look_up(ref(then="id"), done)[1].trust == "untrusted"

    @given(
        st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=8),
        st.booleans(),
        st.sampled_from(["all", "first", "last", 1]),
    )
    def test_never_better_than_the_worst_of_what_comes_out(
        self, given_: list[tuple[int, bool]], descending: bool, take: Any
    ) -> None:
        elements = [{"n": n, "id": i, "bad": bad} for i, (n, bad) in enumerate(given_)]
        labels = {"": METADATA} | {f"list[{i}]": FOREIGN for i, (_, bad) in enumerate(given_) if bad}
        done = {"s": StepState("s", "done", {"list": elements}, plain(labels))}
        one = Ref(ref="s", path="list", sort="n", descending=descending, take=take)
        try:
            value, label = look_up(one, done)
        except Unresolved:
            assert take != "all"
            return
        out = value if isinstance(value, list) else [value]
        if out:
            assert (label.trust == "untrusted") == any(e["bad"] for e in out)


@given(
    st.lists(st.fixed_dictionaries({"n": st.integers(0, 4)}, optional={"at": st.integers(0, 3)}), max_size=10)
)
def test_sorting_is_stable_and_loses_nothing(rows: list[dict[str, int]]) -> None:
    elements = [row | {"id": i} for i, row in enumerate(rows)]
    for descending in (False, True):
        made = choose(Ref(ref="s", sort="at", descending=descending), elements, find=lambda r: None).value
        assert sorted(e["id"] for e in made) == list(range(len(rows)))
        known = [e for e in made if "at" in e]
        assert made[: len(known)] == known, "what has no value comes last"
        for one, two in pairwise(known):
            assert one["at"] == two["at"] or (one["at"] > two["at"]) == descending
            assert one["at"] != two["at"] or one["id"] < two["id"]


class TestAsJson:
    def test_a_plain_reference_is_what_it_was(self) -> None:
        assert Ref(ref="s", path="a.b").model_dump() == {"ref": "s", "path": "a.b"}

    def test_what_is_written_is_read_again(self) -> None:
        early = {
            "test": "before",
            "of": {"ref": "each", "path": "at"},
            "value": datetime(2026, 1, 1, tzinfo=UTC),
        }
        one = ref(where={"test": "all", "of": [who("Ann"), early]}, sort="at", take="last", then="id")
        assert as_ref(one.model_dump(mode="json")) == one

    @pytest.mark.parametrize(
        "value", [{"ref": "a", "version": "1"}, {"ref": 3}, {"path": "a"}, {"ref": "a", "take": "x"}]
    )
    def test_what_is_no_reference_is_a_value(self, value: dict[str, Any]) -> None:
        assert as_ref(value) is None
