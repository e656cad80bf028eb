"""What differs between two texts, as a reader would tell it: sentences changed, added, removed, moved.

Whole blocks are compared by hash first, sentences inside what is left after that, words only inside
a changed sentence: a text of megabytes takes seconds, and no step is quadratic in its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from deskhand.agent.reading.blocks import Block, blocks
from deskhand.agent.reading.sentences import Sentence, sentences
from deskhand.agent.reading.swaps import FIGURE, swaps
from deskhand.agent.reading.words import squash, words

_MARKS = re.compile(r"[*_`~]+|\s*\|\s*")
_LABEL = re.compile(r"([^|:]{1,40}?)\s*(?:\||:\s)")
_PAIRED = 20_000
"""So many sentences on each side are searched for a reworded one; the rest are added or removed."""
_CHECKED = 200
_COMMON = 50


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence that reads differently: the old words and the new ones, under the new text's heading."""

    heading: str
    old: str
    new: str
    figures: bool
    """Whether a number or a date is different."""

    def swaps(self) -> list[tuple[str, str]]:
        """The words that differ, old and new; one of them is empty where words were put in or left out."""
        return swaps(self.old.split(), self.new.split())


@dataclass(frozen=True, slots=True)
class Move:
    """Text that stands elsewhere now, under headings that may be the same."""

    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything that differs; where no statement does, one of the two last fields says how the texts do."""

    changed: tuple[Change, ...] = ()
    added: tuple[Sentence, ...] = ()
    removed: tuple[Sentence, ...] = ()
    moved: tuple[Move, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """Headings that were reworded."""
    reordered: tuple[str, ...] = ()
    """Headings that changed places, with what stands under them."""
    opened: tuple[str, ...] = ()
    """Headings that are new."""
    closed: tuple[str, ...] = ()
    """Headings that are gone."""
    formatting: bool = False
    """Nothing but marks, white space and line breaks differs."""
    rearranged: bool = False
    """The same sentences stand there, repeated or divided differently."""

    def __bool__(self) -> bool:
        return bool(self.count() or self.opened or self.closed)

    def count(self) -> int:
        """How many statements differ."""
        sentences = len(self.changed) + len(self.added) + len(self.removed)
        return sentences + len(self.moved) + len(self.renamed) + len(self.reordered)


def differences(older: str, newer: str) -> Differences:
    """Compare two texts.

    Every sentence in `added` stands in the newer text and not in the older one, white space aside,
    and the other way round for `removed` (checked for the first 200 of each).
    """
    if older == newer:
        return Differences()
    old, new = list(blocks(older)), list(blocks(newer))
    if " ".join(map(_key, old)) == " ".join(map(_key, new)):
        return Differences(formatting=True)
    pairs, old_left, new_left = _match(old, new)
    renamed = _renamed(old, new, pairs)
    old_sentences = list(sentences(old[i] for i in old_left if old[i].kind != "heading"))
    new_sentences = list(sentences(new[j] for j in new_left if new[j].kind != "heading"))
    same, removed_at, added_at = _match(old_sentences, new_sentences)
    here = _Headings(dict(renamed))
    moved = _moved(old, new, pairs, here)
    moved += [
        Move(new_sentences[j].text, old_sentences[i].heading, new_sentences[j].heading)
        for i, j in same
        if here(old_sentences[i]) != new_sentences[j].heading
    ]
    changed, removed, added = _pair(
        [old_sentences[i] for i in removed_at], [new_sentences[j] for j in added_at], here
    )
    if added:
        added = _absent(added, squash(older))
    if removed:
        removed = _absent(removed, squash(newer))
    before, after = [b.text for b in old if b.kind == "heading"], [b.text for b in new if b.kind == "heading"]
    found = Differences(
        changed=tuple(changed),
        added=tuple(added),
        removed=tuple(removed),
        moved=tuple(moved),
        renamed=tuple(renamed),
        reordered=tuple(_reordered(before, after, dict(renamed))),
        opened=tuple(_without(after, {*before, *(b for _, b in renamed)})),
        closed=tuple(_without(before, {*after, *(a for a, _ in renamed)})),
    )
    return found or Differences(rearranged=True)


@dataclass(frozen=True, slots=True)
class _Headings:
    """What an old heading is called now."""

    renamed: dict[str, str] = field(default_factory=dict[str, str])

    def __call__(self, part: Block | Sentence) -> str:
        return self.renamed.get(part.heading, part.heading)


def _key(part: Block | Sentence) -> str:
    return squash(_MARKS.sub(lambda m: "|" if "|" in m[0] else "", part.text))


def _without(headings: Iterable[str], known: set[str]) -> list[str]:
    return [h for h in dict.fromkeys(headings) if h not in known]


def _match(
    old: Sequence[Block] | Sequence[Sentence], new: Sequence[Block] | Sequence[Sentence]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair equal parts one to one, those under the same heading first; also what is left on each side."""
    old_keys, new_keys = [_key(p) for p in old], [_key(p) for p in new]
    pairs: list[tuple[int, int]] = []
    old_left, new_left = list(range(len(old))), list(range(len(new)))
    for strict in (True, False):
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for i in old_left:
            waiting[(old[i].heading, old_keys[i]) if strict else old_keys[i]].append(i)
        unmatched = []
        taken = set()
        for j in new_left:
            queue = waiting.get((new[j].heading, new_keys[j]) if strict else new_keys[j])
            if queue:
                i = queue.popleft()
                taken.add(i)
                pairs.append((i, j))
            else:
                unmatched.append(j)
        old_left, new_left = [i for i in old_left if i not in taken], unmatched
    return sorted(pairs, key=lambda pair: pair[1]), old_left, new_left


def _renamed(
    old: Sequence[Block], new: Sequence[Block], pairs: Sequence[tuple[int, int]]
) -> list[tuple[str, str]]:
    """Headings under which mostly the same text stands, and which exist on one side only."""
    before, after = {b.heading for b in old}, {b.heading for b in new}
    votes = Counter((old[i].heading, new[j].heading) for i, j in pairs if old[i].kind != "heading")
    found: dict[str, str] = {}
    for (was, now), _ in votes.most_common():
        if (
            was
            and now
            and was not in after
            and now not in before
            and was not in found
            and now not in found.values()
        ):
            found[was] = now
    return list(found.items())


def _moved(
    old: Sequence[Block], new: Sequence[Block], pairs: Sequence[tuple[int, int]], here: _Headings
) -> list[Move]:
    """Blocks that changed their section, or their place among blocks that kept their order."""
    text = [(i, j) for i, j in pairs if old[i].kind != "heading"]
    # Within a section: where a whole section went elsewhere is told once, by its heading.
    places: dict[str, list[int]] = defaultdict(list)
    for i, j in text:
        if here(old[i]) == new[j].heading:
            places[new[j].heading].append(i)
    stayed = {i for numbers in places.values() for i in _longest_rise(numbers)}
    return [Move(new[j].text, old[i].heading, new[j].heading) for i, j in text if i not in stayed]


def _reordered(before: Sequence[str], after: Sequence[str], renamed: dict[str, str]) -> list[str]:
    """Headings that changed places, each named once."""
    place = {renamed.get(heading, heading): n for n, heading in enumerate(before)}
    common = [heading for heading in dict.fromkeys(after) if heading in place]
    stayed = _longest_rise([place[heading] for heading in common])
    return [heading for heading in common if place[heading] not in stayed]


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """A longest increasing subsequence, in n log n (patience sorting)."""
    tops: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for n, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        before.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        at[pile : pile + 1] = [n]
    found = set()
    n = at[-1] if at else -1
    while n >= 0:
        found.add(numbers[n])
        n = before[n]
    return found


def _pair(
    old: list[Sentence], new: list[Sentence], here: _Headings
) -> tuple[list[Change], list[Sentence], list[Sentence]]:
    """Find which removed sentence became which added one: by what stays when figures are masked, by
    label, by shared words."""
    partner: dict[int, int] = {}  # new -> old
    used: set[int] = set()

    def by(key: Callable[[Sentence], str | None]) -> None:
        waiting: dict[tuple[str, str], deque[int]] = defaultdict(deque)
        for i, part in enumerate(old):
            if i not in used and (name := key(part)):
                waiting[here(part), name].append(i)
        for j, part in enumerate(new):
            if j not in partner and (name := key(part)) and (queue := waiting.get((part.heading, name))):
                partner[j] = queue.popleft()
                used.add(partner[j])

    by(_masked)
    by(_label)
    _by_words(old, new, here, partner, used)
    changed = [
        Change(new[j].heading, old[i].text, new[j].text, _figures(old[i].text) != _figures(new[j].text))
        for j, i in sorted(partner.items())
    ]
    return (
        changed,
        [p for i, p in enumerate(old) if i not in used],
        [p for j, p in enumerate(new) if j not in partner],
    )


def _masked(part: Sentence) -> str | None:
    masked = FIGURE.sub("#", part.text)
    return masked if "#" in masked and any(map(str.isalpha, masked)) else None


def _label(part: Sentence) -> str | None:
    found = _LABEL.match(part.text)
    return found[1].casefold() if found else None


def _figures(text: str) -> Counter[str]:
    return Counter(m[0].rstrip(".,:/-").casefold() for m in FIGURE.finditer(text))


def _by_words(
    old: list[Sentence], new: list[Sentence], here: _Headings, partner: dict[int, int], used: set[int]
) -> None:
    bags = {i: set(words(part.text)) for i, part in enumerate(old[:_PAIRED]) if i not in used}
    postings: dict[str, list[int]] = defaultdict(list)
    for i, bag in bags.items():
        for word in bag:
            postings[word].append(i)
    scored = []
    for j, part in enumerate(new[:_PAIRED]):
        if j in partner:
            continue
        bag = set(words(part.text))
        near = Counter(i for w in bag if len(found := postings.get(w, ())) <= _COMMON for i in found)
        for i, _ in near.most_common(5):
            score = 2 * len(bag & bags[i]) / (len(bag) + len(bags[i])) + 0.1 * (here(old[i]) == part.heading)
            if score >= 0.55:
                scored.append((-score, j, i))
    for _, j, i in sorted(scored):
        if j not in partner and i not in used:
            partner[j] = i
            used.add(i)


def _absent(parts: list[Sentence], text: str) -> list[Sentence]:
    """Leave out what stands in the other text after all, split differently there."""
    return [p for p in parts[:_CHECKED] if p.text not in text] + parts[_CHECKED:]
