"""The matcher tries only what may go on, and finds what trying everything finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.times.lex import Token, tokens
from deskhand.agent.times.match import Grammar, Matching, RuleRow, _elements

LETTERS = ("a", "b", "c", "d")
PIECES = (
    "a",
    "b?",
    "(a|b)",
    "{b|c}",
    "INT",
    "INT?",
    "(INT|d)?",
    "<inner>",
    "<inner>?",
    "(<inner>|c)",
    "<odd>",
    "<odd>?",
)


def odd(_: str, words: Sequence[Token], position: int) -> Iterable[tuple[int, object]]:
    """A custom symbol: an odd number, alone or with a d behind it."""
    number = words[position].tags.get("INT")
    if isinstance(number, int) and number % 2:
        yield position + 1, number
        if position + 1 < len(words) and words[position + 1].word == "d":
            yield position + 2, -number


def everything(
    rows: Sequence[RuleRow], name: str, words: Sequence[Token], position: int
) -> dict[int, object]:
    """What `Matching.ends` gives, found without looking ahead."""
    if name == "odd":
        return dict(odd("", words, position)) if position < len(words) else {}
    found: dict[int, object] = {}
    for pattern, action in [(pattern, action) for rule, pattern, action in rows if rule == name]:
        ways: list[tuple[int, tuple[object, ...]]] = [(position, ())]
        for element in _elements(pattern):
            further = []
            for at, values in ways:
                token = words[at] if at < len(words) else None
                if token is not None and token.word in element.words:
                    further.append((at + 1, (*values, token.word) if element.hands_over else values))
                if token is not None:
                    further += [(at + 1, (*values, token.tags[t])) for t in element.tags if t in token.tags]
                for inner in element.names:
                    made = everything(rows, inner, words, at)
                    further += [(end, (*values, value)) for end, value in made.items()]
                if element.optional:
                    further.append((at, (*values, None) if element.hands_over else values))
            ways = further
        for end, values in ways:
            if end not in found:
                found[end] = action(*values)
    return found


patterns = st.lists(st.sampled_from(PIECES), min_size=2, max_size=4).map(" ".join)
inner_patterns = st.lists(
    st.sampled_from([p for p in PIECES if "inner" not in p]), min_size=1, max_size=3
).map(" ".join)


def nothing_matches_nothing(pattern: str) -> bool:
    return not all(piece.endswith("?") for piece in pattern.split())


@settings(max_examples=600)
@given(
    outer=st.lists(patterns.filter(nothing_matches_nothing), min_size=1, max_size=2),
    inner=st.lists(inner_patterns.filter(nothing_matches_nothing), min_size=1, max_size=2),
    text=st.lists(st.sampled_from([*LETTERS, "1", "2"]), min_size=3, max_size=5).map(" ".join),
)
def test_it_finds_what_trying_everything_finds(outer: list[str], inner: list[str], text: str) -> None:
    rows: list[RuleRow] = [("outer", p, lambda *v, n=n: (n, *v)) for n, p in enumerate(outer)]
    rows += [("inner", p, lambda *v, n=n: (n, *v)) for n, p in enumerate(inner)]
    words = tokens(text)
    matching = Matching(Grammar(rows, {"odd": (frozenset({"INT"}), odd)}), text, words)
    for position in range(len(words)):
        assert matching.ends("outer", position) == everything(rows, "outer", words, position)
