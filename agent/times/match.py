"""A small matcher for table-driven grammars over tokens: every way a symbol can match at a place, remembered.

A rule is a name, a pattern and what to make of it. In a pattern `word` is that word, `TAG` a token
with that tag (its value is handed over), `<name>` another symbol (its value is handed over),
`(a|b|<c>)` any of them, `{a|b}` any of these words (the word is handed over); `?` makes an element
optional (None is handed over). An action that returns None refuses the match. Of two ways to match
the same tokens the rule that stands first wins. A symbol must not start with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from deskhand.agent.times.lex import Token

Action = Callable[..., object]
Custom = Callable[[str, Sequence[Token], int], Iterable[tuple[int, object]]]
_DEEPEST = 40
END = ""
"""A key of what may be over after the token, and of every token that may come then."""
RuleRow = tuple[str, str, Action]
_Way = tuple[int, tuple[object, ...]]
"""A place that was come to, and the values that were handed over on the way there."""


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str]
    tags: tuple[str, ...]
    names: tuple[str, ...]
    hands_over: bool
    optional: bool
    first: frozenset[str] = frozenset()
    """What a token may have for the element to begin with it: words, tags, those of its symbols."""


@dataclass(frozen=True, slots=True)
class _Alternative:
    elements: tuple[_Element, ...]
    action: Action


class Grammar:
    """Rules compiled once. What may follow what is worked out when it is first asked for, and stays."""

    def __init__(self, rows: Iterable[RuleRow], custom: Mapping[str, tuple[frozenset[str], Custom]]) -> None:
        """`custom` symbols are functions, each with the keys (words, tags, "*") it may start with."""
        self.custom = custom
        self._rules: dict[str, list[_Alternative]] = {}
        for name, pattern, action in rows:
            self._rules.setdefault(name, []).append(_Alternative(tuple(_elements(pattern)), action))
        self._firsts: dict[str, frozenset[str]] = {}
        self._starts: dict[str, dict[str, list[int]]] = {}
        self._seconds: dict[tuple[str, str], list[tuple[int, frozenset[str]]]] = {}
        self._chosen: dict[tuple[str, frozenset[str], frozenset[str]], list[_Alternative]] = {}
        for name, alternatives in self._rules.items():
            index: dict[str, list[int]] = {}
            for number, alternative in enumerate(alternatives):
                for key in self._first_of(alternative.elements, set()):
                    index.setdefault(key, []).append(number)
            self._starts[name] = index
        for alternatives in self._rules.values():
            alternatives[:] = [
                replace(a, elements=tuple(replace(e, first=self._keys_of(e)) for e in a.elements))
                for a in alternatives
            ]
        elements = (e for rules in self._rules.values() for a in rules for e in a.elements)
        known = frozenset({END, "*"}).union(*(keys for keys, _ in custom.values()))
        self._vocabulary = known.union(*((*e.words, *e.tags) for e in elements))

    def keys(self, token: Token) -> frozenset[str]:
        """What a token may be matched by: of its word and its tags those that any rule has."""
        return self._vocabulary.intersection((END, "*", token.word, *token.tags))

    def _first(self, name: str, open_names: AbstractSet[str]) -> frozenset[str]:
        if name in self.custom:
            return self.custom[name][0]
        if name in self._firsts:
            return self._firsts[name]
        if name in open_names:
            raise ValueError(f"the symbol {name} starts with itself")
        keys: set[str] = set()
        for alternative in self._rules[name]:
            keys |= self._first_of(alternative.elements, open_names | {name})
        self._firsts[name] = frozenset(keys)
        return self._firsts[name]

    def _first_of(self, elements: Sequence[_Element], open_names: AbstractSet[str]) -> set[str]:
        keys: set[str] = set()
        for element in elements:
            keys |= self._keys_of(element, open_names)
            if not element.optional:
                return keys
        raise ValueError("a pattern must not match nothing")

    def _keys_of(self, element: _Element, open_names: AbstractSet[str] = frozenset()) -> frozenset[str]:
        within = (self._first(name, open_names) for name in element.names)
        return element.words.union(element.tags, *within)

    def alternatives(self, name: str, keys: frozenset[str], then: frozenset[str]) -> list[_Alternative]:
        """The alternatives of a symbol that may start with a token of these keys and go on with the next, in
        order. `then` are the next token's keys and END.

        Kept, as there are few: of `keys` no token has others than those of the rules.
        """
        chosen = self._chosen.get((name, keys, then))
        if chosen is None:
            rules = self._rules[name]
            found = {
                number
                for key in keys
                for number, second in self._after(name, key)
                if not second.isdisjoint(then)
            }
            chosen = self._chosen[name, keys, then] = [rules[number] for number in sorted(found)]
        return chosen

    def _after(self, name: str, key: str) -> list[tuple[int, frozenset[str]]]:
        """Which alternatives may start with the key, and what may come after that one token.

        Worked out when it is first asked for: of all symbols and keys a text needs a few.
        """
        known = self._seconds.get((name, key))
        if known is None:
            rules, index = self._rules[name], self._starts[name]
            known = [(number, self._second(rules[number].elements, key)) for number in index.get(key, ())]
            self._seconds[name, key] = known
        return known

    def _second(self, elements: Sequence[_Element], key: str) -> frozenset[str]:
        second: set[str] = set()
        for number, element in enumerate(elements):
            ends = key in element.words or key in element.tags
            for name in element.names:
                if name in self.custom:
                    if key in self.custom[name][0]:
                        return frozenset({END, "*"})
                else:
                    for _, within in self._after(name, key):
                        second |= within
            if ends or END in second:
                second.discard(END)
                second |= _begin(elements[number + 1 :])
            if not element.optional:
                break
        return frozenset(second)

    def starts(self, name: str, token: Token) -> bool:
        keys = self._first(name, set())
        return token.word in keys or any(tag in keys for tag in token.tags)


class Matching:
    """One text being matched against a grammar, from left to right."""

    def __init__(self, grammar: Grammar, text: str, tokens: Sequence[Token]) -> None:
        self._grammar, self._text, self._tokens = grammar, text, tokens
        self._keys = [grammar.keys(token) for token in tokens]
        self._keys.append(frozenset((END,)))
        self._known: dict[int, dict[str, dict[int, object]]] = {}
        self._depth = 0
        self.work = 0

    def ends(self, name: str, position: int) -> dict[int, object]:
        """Where matches of the symbol that start here end, each with its value.

        `work` counts what was not known before. Lists that are nested deeper than any sentence
        are cut off, so that no text exhausts the stack.
        """
        here = self._known.setdefault(position, {})
        known = here.get(name)
        if known is not None:
            return known
        if position >= len(self._tokens) or self._depth >= _DEEPEST:
            return {}
        self.work += 1
        found = here[name] = {}
        keys = self._keys[position]
        if name in self._grammar.custom:
            first, function = self._grammar.custom[name]
            if not first.isdisjoint(keys):
                found.update(function(self._text, self._tokens, position))
            return found
        self._depth += 1
        for alternative in self._grammar.alternatives(name, keys, self._keys[position + 1]):
            ways: list[_Way] = []
            self._walk(alternative.elements, 0, (position, ()), ways)
            for end, values in ways:
                if end not in found:
                    value = alternative.action(*values)
                    if value is not None:
                        found[end] = value
        self._depth -= 1
        return found

    def forget(self, position: int) -> None:
        """Let go of what is known about a place that was passed."""
        self._known.pop(position, None)

    def _walk(self, elements: Sequence[_Element], index: int, way: _Way, ways: list[_Way]) -> None:
        """Add to `ways` every way through the elements from this one on, having come the given way."""
        position, values = way
        for number in range(index, len(elements)):
            element = elements[number]
            # Most elements cannot begin at most tokens, which one comparison of sets tells.
            if not element.first.isdisjoint(self._keys[position]):
                token = self._tokens[position]
                if token.word in element.words:
                    more = (*values, token.word) if element.hands_over else values
                    self._walk(elements, number + 1, (position + 1, more), ways)
                for tag in element.tags:
                    if tag in token.tags:
                        more = (*values, token.tags[tag])
                        self._walk(elements, number + 1, (position + 1, more), ways)
                for name in element.names:
                    for end, value in tuple(self.ends(name, position).items()):
                        self._walk(elements, number + 1, (end, (*values, value)), ways)
            if not element.optional:
                return
            if element.hands_over:
                values = (*values, None)
        ways.append((position, values))


def _begin(elements: Sequence[_Element]) -> frozenset[str]:
    """What these may begin with; END where they may match nothing."""
    for number, element in enumerate(elements):
        if not element.optional:
            return element.first.union(*(e.first for e in elements[:number]))
    return frozenset({END}).union(*(e.first for e in elements))


def _elements(pattern: str) -> Iterator[_Element]:
    for piece in pattern.split():
        optional = len(piece) > 1 and piece.endswith("?")
        body = piece[:-1] if optional else piece
        grouped, captured = len(body) > 2 and body[0] == "(", len(body) > 2 and body[0] == "{"
        options = body[1:-1].split("|") if grouped or captured else [body]
        names = tuple(option[1:-1] for option in options if option[0] == "<" and len(option) > 2)
        tags = tuple(option for option in options if option.isalpha() and option.isupper())
        words = frozenset(o for o in options if o not in tags and o.strip("<>") not in names)
        yield _Element(words, tags, names, captured or bool(names or tags), optional)
