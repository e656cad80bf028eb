"""The weights that were learnt from the wordings, and what they make of a wish's features.

Integers, read from `weights.json.gz` (see `training`): so a wish gets the same reading on every machine.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from operator import mul

from deskhand.agent.planners.likeness.forms import FORMS
from deskhand.agent.planners.words.common import stem

SCALE = 1000
"""What a weight of 1.0 is written as."""
OUTSIDE = "O"
"""The tag of a word that stands in no slot."""
_NEVER = -(10**9)

Weights = Mapping[str, Mapping[str, int]]
"""For each feature, what it weighs for each label."""
Steps = Mapping[str, Sequence[tuple[str, int]]]
"""For each label those that it may follow, and what it weighs that it does."""
Factors = Sequence[Sequence[float]]
"""The same as what a share is multiplied by, a row for each label; 0 for those that it may not follow."""


@dataclass(frozen=True)
class Learnt:
    """All weights."""

    goals: Weights
    tags: Weights
    steps: Mapping[str, Mapping[str, int]]
    """What it weighs that a tag follows another."""
    said_with: Mapping[str, frozenset[str]]
    """For each goal the words that some wording of it holds outside its slots."""
    of: str = ""
    """The digest of what they were learnt from."""
    _known: dict[tuple[str, ...], tuple[Steps, Factors]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What `_steps` made, by the labels."""

    @cached_property
    def frame(self) -> frozenset[str]:
        """Words that some wording of any goal holds outside its slots."""
        return frozenset().union(*self.said_with.values())

    @cached_property
    def roots(self) -> Mapping[str, frozenset[str]]:
        """The roots of the words that each goal is said with."""
        return {goal: frozenset(map(stem, held)) for goal, held in self.said_with.items()}

    def goals_of(self, features: Iterable[str]) -> list[tuple[str, float]]:
        """Each goal with how likely it is, 0 to 1, the likeliest first."""
        sums = dict.fromkeys(FORMS, 0)
        for feature in features:
            for label, weight in self.goals.get(feature, {}).items():
                sums[label] += weight
        top = max(sums.values())
        shares = {g: math.exp((n - top) / SCALE) for g, n in sums.items()}
        total = sum(shares.values())
        return sorted(((g, n / total) for g, n in shares.items()), key=lambda one: (-one[1], one[0]))

    def tags_of(
        self, features: Sequence[Sequence[str]], slots: Iterable[str], *, never: tuple[int, str] | None = None
    ) -> tuple[list[str], list[float]]:
        """The likeliest tag of each token (Viterbi), of those that these slots have, and how likely each
        token is in the slot that its tag says, 0 to 1 (its marginal probability).

        :param never: a token, and a slot that it shall not be in ("" for any other tag than outside).
        """
        labels = [OUTSIDE, *(f"{b}-{slot}" for slot in sorted(slots) for b in "BI")]
        sums: list[dict[str, int]] = []
        for one in features:
            at = dict.fromkeys(labels, 0)
            for weights in filter(None, map(self.tags.get, one)):
                for label, weight in weights.items():
                    if label in at:
                        at[label] += weight
            sums.append(at)
        if never is not None:
            place, slot = never
            sums[place] |= {label: _NEVER // 100 for label in labels if label[2:] == slot}
        steps, factors = self._steps(tuple(labels))
        tags = _best(sums, steps)
        return tags, _marginals(sums, factors, tags)

    def _steps(self, labels: tuple[str, ...]) -> tuple[Steps, Factors]:
        """What may stand in front of each label, and what it weighs there."""
        if labels not in self._known:
            steps = {
                b: [
                    (a, self.steps.get(a, {}).get(b, 0))
                    for a in labels
                    if not b.startswith("I-") or a[2:] == b[2:]
                ]
                for b in labels
            }
            factors = [
                [math.exp(by[a] / SCALE) if a in by else 0.0 for a in labels]
                for by in map(dict, steps.values())
            ]
            self._known[labels] = steps, factors
        return self._known[labels]


def _best(sums: Sequence[Mapping[str, int]], steps: Steps) -> list[str]:
    """The path of labels that weighs most; one inside a slot follows only one of the same slot."""
    if not sums:
        return []
    reached = {label: n for label, n in sums[0].items() if not label.startswith("I-")}
    back: list[dict[str, str]] = []
    for at in sums[1:]:
        came: dict[str, str] = {}
        now: dict[str, int] = {}
        for label, weight in at.items():
            best, value = "", _NEVER
            for before, step in steps[label]:
                if before in reached and reached[before] + step > value:
                    best, value = before, reached[before] + step
            if best:
                came[label], now[label] = best, value + weight
        back.append(came)
        reached = now
    tags = [max(sorted(reached), key=reached.__getitem__)]
    for came in reversed(back):
        tags.append(came[tags[-1]])
    return tags[::-1]


def _marginals(sums: Sequence[Mapping[str, int]], factors: Factors, tags: Sequence[str]) -> list[float]:
    """How likely each token is in the slot of its tag, wherever that begins (forward and backward sums)."""
    if not sums:
        return []
    labels = list(sums[0])
    locally: list[list[float]] = []
    for at in sums:
        top = max(at.values())
        locally.append(_scaled([math.exp((n - top) / SCALE) for n in at.values()]))
    locally[0] = [0.0 if b.startswith("I-") else n for b, n in zip(labels, locally[0], strict=True)]
    forward = [_scaled(locally[0])]
    for shares in locally[1:]:
        last = forward[-1]
        forward.append(
            _scaled([n * sum(map(mul, last, came)) for n, came in zip(shares, factors, strict=True)])
        )
    onward = [*zip(*factors, strict=True)]
    slots = [label[2:] for label in labels]
    behind = [1.0] * len(labels)
    found: list[float] = []
    for place in range(len(sums) - 1, -1, -1):
        shares = _scaled([n * m for n, m in zip(forward[place], behind, strict=True)])
        found.append(sum(n for n, slot in zip(shares, slots, strict=True) if slot == tags[place][2:]))
        follow = [n * m for n, m in zip(locally[place], behind, strict=True)]
        behind = _scaled([sum(map(mul, to, follow)) for to in onward])
    return found[::-1]


def _scaled(weights: list[float]) -> list[float]:
    total = sum(weights) or 1.0
    return [n / total for n in weights]


@cache
def learnt() -> Learnt:
    """The weights of the package."""
    raw = json.loads(gzip.decompress(files(__package__).joinpath("weights.json.gz").read_bytes()))
    said_with = {goal: frozenset(held.split()) for goal, held in raw["said_with"].items()}
    return Learnt(raw["goals"], raw["tags"], raw["steps"], said_with, raw["of"])
