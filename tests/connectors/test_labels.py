"""The law of labels: what is made of several values is as little trusted, and as private, as the worst."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors.model import Label, join

NEUTRAL = Label("user", (), None)
ORDER = ("user", "assistant", "metadata", "contact", "untrusted")


def some(*of: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(of)).map(lambda found: tuple(sorted(found)))


labels = st.builds(
    Label,
    st.sampled_from(ORDER),
    some("m:message:1", "m:message:2", "c:event:3"),
    st.none() | some("a@example.org", "b@example.org", "c@example.org"),
    some("s1", "s2", "s3"),
)


def no_better(one: Label, than: Label) -> bool:
    """Whether a label is at most as good as another in every respect."""
    private = than.readers is None or (one.readers is not None and {*one.readers} <= {*than.readers})
    return (
        ORDER.index(one.trust) >= ORDER.index(than.trust)
        and {*one.origins} >= {*than.origins}
        and {*one.via} >= {*than.via}
        and private
    )


@given(labels, labels, labels)
def test_join_is_associative(a: Label, b: Label, c: Label) -> None:
    assert a.join(b).join(c) == a.join(b.join(c)) == join([a, b, c])


@given(labels, labels)
def test_join_is_commutative(a: Label, b: Label) -> None:
    assert a.join(b) == b.join(a)


@given(labels)
def test_join_is_idempotent_and_has_a_neutral_element(a: Label) -> None:
    assert a.join(a) == a == a.join(NEUTRAL) == NEUTRAL.join(a)
    assert join([]) == NEUTRAL


@given(labels, labels, labels)
def test_join_is_monotone_and_never_better_than_what_went_in(a: Label, b: Label, c: Label) -> None:
    made = a.join(b)
    assert no_better(made, a)
    assert no_better(made, b)
    assert no_better(made.join(c), b.join(c)), "what was worse before stays worse"
    if no_better(a, b):
        assert no_better(a.join(c), b.join(c))


@given(st.lists(labels), st.lists(labels))
def test_more_goes_in_and_nothing_gets_better(some_: list[Label], more: list[Label]) -> None:
    assert no_better(join([*some_, *more]), join(some_))


@given(labels)
def test_a_missing_label_is_untrusted_and_private(a: Label) -> None:
    made = a.join(Label())
    assert (made.trust, made.readers) == ("untrusted", ())


@given(labels, st.sampled_from(["s1", "s9"]))
def test_a_step_leaves_its_name_and_changes_nothing_else(a: Label, step: str) -> None:
    made = a.through(step)
    assert (made.trust, made.origins, made.readers) == (a.trust, a.origins, a.readers)
    assert {*made.via} == {*a.via, step}
    assert made.through(step) == made
