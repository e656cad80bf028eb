"""A small matcher for table-driven grammars over tokens: every way a symbol can match at a place, remembered.

A rule is a name, a pattern and what to make of it. In a pattern `word` is that word, `TAG` a token
with that tag (its value is handed over), `<name>` another symbol (its value is handed over),
`(a|b|<c>)` any of them, `{a|b}` any of these words (the word is handed over); `?` makes an element
optional (None is handed over). An action that returns None refuses the match. Of two ways to match
the same tokens the rule that stands first wins. A symbol must not start with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deskhand.agent.times.lex import Token

Action = Callable[..., object]
Custom = Callable[[str, Sequence[Token], int], Iterable[tuple[int, object]]]
_DEEPEST = 40
RuleRow = tuple[str, str, Action]


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str]
    tags: tuple[str, ...]
    names: tuple[str, ...]
    hands_over: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class _Alternative:
    elements: tuple[_Element, ...]
    action: Action


class Grammar:
    """Rules compiled once; immutable afterwards."""

    def __init__(self, rows: Iterable[RuleRow], custom: Mapping[str, tuple[frozenset[str], Custom]]) -> None:
        """`custom` symbols are functions, each with the keys (words, tags, "*") it may start with."""
        self.custom = custom
        self._rules: dict[str, list[_Alternative]] = {}
        for name, pattern, action in rows:
            self._rules.setdefault(name, []).append(_Alternative(tuple(_elements(pattern)), action))
        self._firsts: dict[str, frozenset[str]] = {}
        self._starts: dict[str, dict[str, list[int]]] = {}
        for name, alternatives in self._rules.items():
            index: dict[str, list[int]] = {}
            for number, alternative in enumerate(alternatives):
                for key in self._first_of(alternative.elements, set()):
                    index.setdefault(key, []).append(number)
            self._starts[name] = index

    def _first(self, name: str, open_names: set[str]) -> frozenset[str]:
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

    def _first_of(self, elements: Sequence[_Element], open_names: set[str]) -> set[str]:
        keys: set[str] = set()
        for element in elements:
            keys |= element.words | set(element.tags)
            for name in element.names:
                keys |= self._first(name, open_names)
            if not element.optional:
                return keys
        raise ValueError("a pattern must not match nothing")

    def alternatives(self, name: str, token: Token) -> list[_Alternative]:
        """The alternatives of a symbol that may start with this token, in order."""
        index = self._starts[name]
        found = set(index.get(token.word, ())) | set(index.get("*", ()))
        for tag in token.tags:
            found.update(index.get(tag, ()))
        rules = self._rules[name]
        return [rules[number] for number in sorted(found)]

    def starts(self, name: str, token: Token) -> bool:
        keys = self._first(name, set())
        return token.word in keys or any(tag in keys for tag in token.tags)


class Matching:
    """One text being matched against a grammar, from left to right."""

    def __init__(self, grammar: Grammar, text: str, tokens: Sequence[Token]) -> None:
        self._grammar, self._text, self._tokens = grammar, text, tokens
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
        token = self._tokens[position]
        if name in self._grammar.custom:
            keys, function = self._grammar.custom[name]
            if "*" in keys or token.word in keys or any(tag in keys for tag in token.tags):
                found.update(function(self._text, self._tokens, position))
            return found
        self._depth += 1
        for alternative in self._grammar.alternatives(name, token):
            for end, values in self._walk(alternative.elements, 0, position, ()):
                if end not in found:
                    value = alternative.action(*values)
                    if value is not None:
                        found[end] = value
        self._depth -= 1
        return found

    def forget(self, position: int) -> None:
        """Let go of what is known about a place that was passed."""
        self._known.pop(position, None)

    def _walk(
        self, elements: Sequence[_Element], index: int, position: int, values: tuple[object, ...]
    ) -> Iterator[tuple[int, tuple[object, ...]]]:
        if index == len(elements):
            yield position, values
            return
        element = elements[index]
        if position < len(self._tokens):
            token = self._tokens[position]
            if token.word in element.words:
                more = (*values, token.word) if element.hands_over else values
                yield from self._walk(elements, index + 1, position + 1, more)
            for tag in element.tags:
                if tag in token.tags:
                    yield from self._walk(elements, index + 1, position + 1, (*values, token.tags[tag]))
            for name in element.names:
                for end, value in tuple(self.ends(name, position).items()):
                    yield from self._walk(elements, index + 1, end, (*values, value))
        if element.optional:
            yield from self._walk(
                elements, index + 1, position, (*values, None) if element.hands_over else values
            )


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
