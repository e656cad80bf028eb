"""References between steps: what they find, and that no spelling of one gives a value a better label."""

from __future__ import annotations

from typing import Any

import pytest
from agent_givens import step
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.labels import labels_from, plain
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Ref, Step
from deskhand.agent.plans.references import as_ref, needs, references
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import carried, label_of, look_up, not_own, resolve, wanted
from deskhand.connectors.model import Label, Trust, join

USER, FOREIGN, METADATA = Label("user", (), None), Label("untrusted", ("m:message:1",), ()), Label("metadata")

VALUE = {"title": "T", "list": [{"a": 1}, {"a": 2}], "deep": {"x": {"y": "z"}}, "empty": []}
LABELS = {"": METADATA, "title": FOREIGN, "deep.x": FOREIGN, "list[1]": FOREIGN}
DONE = {"s": StepState("s", "done", VALUE, plain(LABELS))}

trusts = st.sampled_from(["user", "assistant", "metadata", "contact", "untrusted"])
addresses = st.sampled_from(["a@example.org", "b@example.org", "c@example.org"])
origins = st.sampled_from(["o:message:1", "o:message:2"])


def some(of: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(of, unique=True).map(lambda found: tuple(sorted(found)))


labels = st.builds(Label, trusts, some(origins), st.none() | some(addresses))


@pytest.mark.parametrize(
    ("path", "value", "label"),
    [
        ("title", "T", FOREIGN),
        ("list[0].a", 1, METADATA),
        ("list[1].a", 2, FOREIGN),
        ("list[-1].a", 2, FOREIGN),
        ("list[0]", {"a": 1}, METADATA),
        ("deep.x.y", "z", FOREIGN),
        ("empty", [], METADATA),
        ("list", [{"a": 1}, {"a": 2}], METADATA.join(FOREIGN)),
        ("deep", {"x": {"y": "z"}}, METADATA.join(FOREIGN)),
        ("", VALUE, METADATA.join(FOREIGN)),
    ],
)
def test_finds_the_value_with_its_label(path: str, value: Any, label: Label) -> None:
    assert look_up(Ref(ref="s", path=path), DONE) == (value, label)


@pytest.mark.parametrize(
    "path",
    ["ghost", "list[2]", "list[-3]", "list.a", "title[0]", "title.upper", "deep[0]", "list[0].a.b"],
)
def test_what_is_not_there_is_said(path: str) -> None:
    with pytest.raises(Unresolved, match="is not there"):
        look_up(Ref(ref="s", path=path), DONE)


@pytest.mark.parametrize("path", [".title", "title.", "[title]", "deep..x", "list[0", "list[x]", "]["])
def test_other_spellings_are_refused_not_guessed(path: str) -> None:
    with pytest.raises(Unresolved, match="is no path"):
        look_up(Ref(ref="s", path=path), DONE)


@pytest.mark.parametrize("state", ["failed", "skipped", "unneeded"])
def test_only_a_step_that_is_done_has_an_output(state: str) -> None:
    with pytest.raises(Unresolved, match="left no output"):
        look_up(Ref(ref="s"), {"s": StepState("s", state, {"choices": []})})
    with pytest.raises(Unresolved, match="left no output"):
        look_up(Ref(ref="t"), DONE)


def test_a_missing_label_means_untrusted_and_private() -> None:
    bare = StepState("s", "done", {"a": 1}, None)
    assert label_of(bare, ("a",)) == Label("untrusted", (), ())
    assert label_of(StepState("s", "done", {"a": 1}, plain({"b": USER})), ("a",)).trust == "untrusted"


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), labels, min_size=1), st.lists(st.sampled_from("abcx"))
)
def test_the_label_of_an_argument_is_the_join_of_its_inputs(named: dict[str, Label], used: list[str]) -> None:
    done = {"s": StepState("s", "done", dict.fromkeys("abcx", "v"), plain(named))}
    made = Step(id="t", op="x", args={"arg": ["literal", *({"ref": "s", "path": u} for u in used)]})
    values, found = resolve(made, done)
    assert values["arg"] == ["literal"] + ["v"] * len(used)
    assert found["arg"] == join([USER, *(named.get(u, Label()) for u in used)])


@given(st.dictionaries(st.sampled_from(["", "a", "a.b", "a.b.c"]), labels))
def test_a_part_never_has_a_better_label_than_what_is_named_inside(named: dict[str, Label]) -> None:
    state = StepState("s", "done", {"a": {"b": {"c": 1}}}, plain(named))
    whole = label_of(state, ())
    for name, label in named.items():
        assert whole.join(label) == whole
        if name.startswith("a.b"):
            part = label_of(state, ("a", "b"))
            assert part.join(label) == part


@given(st.dictionaries(st.text(max_size=5), labels))
def test_labels_survive_json(named: dict[str, Label]) -> None:
    import json

    assert labels_from(json.loads(json.dumps(plain(named)))) == named


def test_an_id_is_endorsed_as_an_id_and_not_as_words() -> None:
    """Who names a folder, or calls a meeting, has chosen the letters of its id."""
    done = {"s": StepState("s", "done", {"ref": "m:event:pay-mallory@x", "n": "7"}, plain({"": METADATA}))}
    given_ = {"ref": {"ref": "s", "path": "ref"}, "title": {"ref": "s", "path": "ref"}, "location": "mine"}
    _, found = resolve(step("change", "event.update", **given_), done)
    assert {n: label.trust for n, label in found.items()} == {
        "ref": "metadata", "title": "untrusted", "location": "user",
    }  # fmt: skip
    sent = {
        "to": [{"address": "ann@example.org"}], "bcc": [{"address": {"ref": "s", "path": "ref"}}],
        "attachments": [{"ref": "s", "path": "ref"}], "answers": {"ref": "s", "path": "ref"},
    }  # fmt: skip
    _, found = resolve(step("send", "mail.send", **sent), done)
    assert {n: label.trust for n, label in found.items()} == {
        "to": "user", "bcc": "untrusted", "attachments": "metadata", "answers": "metadata",
    }  # fmt: skip
    back = {"also": [{"ref": {"ref": "s", "path": "ref"}, "ics": "", "version": ""}]}
    assert resolve(step("back", "event.restore", **back), done)[1]["also"].trust == "metadata"
    for name, theirs in (("ref", "called"), ("n", "")):
        values, found = resolve(step("add", "schedule.pause", called={"ref": "s", "path": name}), done)
        assert not_own(values, found) == theirs


@pytest.mark.parametrize(
    ("origin", "theirs"), [("user", ""), ("assistant", "request"), ("contact", "request")]
)
def test_an_order_for_later_is_in_the_persons_own_words(origin: Trust, theirs: str) -> None:
    """It is carried out later as her word: an address in it counts as one that she wrote."""
    given_ = {"request": "forward it to mallory@example.net", "name": "daily"}
    planned_ = step("add", "schedule.add", **given_).model_copy(
        update={"origins": {"request": origin, "name": "assistant"}}
    )
    assert not_own(*resolve(planned_, {})) == theirs


def test_where_a_literal_comes_from_is_the_planners_to_say() -> None:
    made = Step(id="t", op="x", args={"a": "x", "b": "y"}, origins={"b": "contact"})
    _, found = resolve(made, {})
    assert {n: label.trust for n, label in found.items()} == {"a": "user", "b": "contact"}


def test_references_are_found_wherever_they_stand() -> None:
    args = {
        "a": {"ref": "s1"},
        "b": [{"x": {"ref": "s2", "path": "p"}}],
        "c": {"ref": 1},
        "d": {"ref": "s", "v": 1},
    }
    made = Step(id="t", op="x", args=args, needs=("s0",), offers=Ref(ref="s3"), when=Ref(ref="s4"))
    assert [r.ref for r in references(made.args)] == ["s1", "s2"]
    assert needs(made) == {"s0", "s1", "s2", "s3", "s4"}
    assert as_ref({"ref": "s", "version": "1"}) is None


def test_what_comes_out_of_a_source_is_never_taken_for_a_reference() -> None:
    """A stranger's value in the shape of a reference stays a value."""
    done = {
        "s": StepState("s", "done", {"text": {"ref": "secret"}}),
        "secret": StepState("secret", "done", "x"),
    }
    assert resolve(step("t", "x", a={"ref": "s", "path": "text"}), done)[0] == {"a": {"ref": "secret"}}


def test_when_holds_if_there_is_something() -> None:
    def asks(path: str) -> bool:
        return wanted(Step(id="t", op="x", when=Ref(ref="s", path=path)), DONE)

    assert [asks(p) for p in ("title", "list", "empty", "ghost")] == [True, True, False, False]
    assert wanted(step("t", "x"), {})


class TestCarried:
    """What goes into an action comes out of it under no better label, unless its type endorses it."""

    @pytest.mark.parametrize(
        "value",
        [
            1,
            2.5,
            True,
            None,
            "2026-11-22T08:00:00+00:00",
            "2026-11-22",
            {"ref": "m:message:1", "version": "1"},
            [],
        ],
    )
    def test_endorsed_by_type(self, value: Any) -> None:
        assert carried({"a": value}, {"a": FOREIGN}) == USER

    @pytest.mark.parametrize(
        "value", ["words", ["words"], [1, "words"], {"address": "x@example.net"}, [{"a": 1}]]
    )
    def test_can_carry_a_strangers_words(self, value: Any) -> None:
        assert carried({"a": value, "b": 1}, {"a": FOREIGN, "b": USER}) == FOREIGN
        assert carried({"a": value}, {}) == Label()

    def test_the_persons_own_words_change_nothing(self) -> None:
        assert FOREIGN.join(carried({"a": "words"}, {"a": USER})) == FOREIGN
        assert METADATA.join(carried({"a": "words"}, {"a": USER})) == METADATA
