"""The weights that were learnt from the wordings, and what they make of a wish's features.

Integers, read from `weights.json.gz` (see `training`): so a wish gets the same reading on every machine.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from deskhand.agent.planners.likeness.forms import FORMS

SCALE = 1000
"""What a weight of 1.0 is written as."""
OUTSIDE = "O"
"""The tag of a word that stands in no slot."""
_NEVER = -(10**9)

Weights = Mapping[str, Mapping[str, int]]
"""For each feature, what it weighs for each label."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """All weights."""

    goals: Weights
    tags: Weights
    steps: Mapping[str, Mapping[str, int]]
    """What it weighs that a tag follows another."""
    frame: frozenset[str]
    """Words that some wording holds outside its slots."""
    of: str = ""
    """The digest of what they were learnt from."""

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
        self, features: Sequence[Sequence[str]], slots: Iterable[str]
    ) -> tuple[list[str], list[float]]:
        """The likeliest tag of each token (Viterbi), of those that these slots have, and how likely each
        token is in the slot that its tag says, 0 to 1 (its marginal probability)."""
        labels = [OUTSIDE, *(f"{b}-{slot}" for slot in sorted(slots) for b in "BI")]
        sums: list[dict[str, int]] = []
        for one in features:
            at = dict.fromkeys(labels, 0)
            for weights in filter(None, map(self.tags.get, one)):
                for label in at.keys() & weights.keys():
                    at[label] += weights[label]
            sums.append(at)
        tags = _best(sums, self.steps)
        return tags, _marginals(sums, self.steps, tags)


def _best(sums: Sequence[Mapping[str, int]], steps: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The path of labels that weighs most; one inside a slot follows only one of the same slot."""
    if not sums:
        return []
    reached = {label: n for label, n in sums[0].items() if not label.startswith("I-")}
    back: list[dict[str, str]] = []
    for at in sums[1:]:
        came: dict[str, str] = {}
        now: dict[str, int] = {}
        for label, weight in at.items():
            inside = label.startswith("I-")
            best, value = "", _NEVER
            for before, so_far in reached.items():
                if inside and before[2:] != label[2:]:
                    continue
                step = so_far + steps.get(before, {}).get(label, 0)
                if step > value:
                    best, value = before, step
            if best:
                came[label], now[label] = best, value + weight
        back.append(came)
        reached = now
    tags = [max(sorted(reached), key=reached.__getitem__)]
    for came in reversed(back):
        tags.append(came[tags[-1]])
    return tags[::-1]


def _marginals(
    sums: Sequence[Mapping[str, int]], steps: Mapping[str, Mapping[str, int]], tags: Sequence[str]
) -> list[float]:
    """How likely each token is in the slot of its tag, wherever that begins (forward and backward sums)."""
    if not sums:
        return []
    labels = list(sums[0])
    factor = {a: {b: _factor(steps, a, b) for b in labels} for a in labels}
    locally = [_scaled({a: math.exp((n - max(at.values())) / SCALE) for a, n in at.items()}) for at in sums]
    for label in labels:
        if label.startswith("I-"):
            locally[0][label] = 0.0
    forward = [_scaled(locally[0])]
    for at in locally[1:]:
        before = forward[-1]
        came = {b: at[b] * sum(before[a] * factor[a][b] for a in labels if before[a]) for b in labels}
        forward.append(_scaled(came))
    behind = dict.fromkeys(labels, 1.0)
    found: list[float] = []
    for place in range(len(sums) - 1, -1, -1):
        shares = _scaled({a: forward[place][a] * behind[a] for a in labels})
        found.append(sum(n for a, n in shares.items() if a[2:] == tags[place][2:]))
        follow = {b: locally[place][b] * behind[b] for b in labels}
        behind = _scaled({a: sum(factor[a][b] * follow[b] for b in labels if follow[b]) for a in labels})
    return found[::-1]


def _factor(steps: Mapping[str, Mapping[str, int]], before: str, label: str) -> float:
    if label.startswith("I-") and before[2:] != label[2:]:
        return 0.0
    return math.exp(steps.get(before, {}).get(label, 0) / SCALE)


def _scaled(weights: dict[str, float]) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {label: n / total for label, n in weights.items()}


@cache
def learnt() -> Learnt:
    """The weights of the package."""
    raw = json.loads(gzip.decompress(files(__package__).joinpath("weights.json.gz").read_bytes()))
    return Learnt(raw["goals"], raw["tags"], raw["steps"], frozenset(raw["frame"]), raw["of"])
