"""Learns the weights from the wordings (`make weights`, some minutes); the same give the same."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from deskhand.agent.planners.likeness.features import Token, of_token, of_wish, tokens
from deskhand.agent.planners.likeness.forms import FORMS
from deskhand.agent.planners.likeness.weights import OUTSIDE, SCALE, Learnt
from deskhand.agent.planners.likeness.wordings import Wording, written
from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known, Owner
from deskhand.connectors.archive import Person

_LEARNT_OF = ("alike.txt", "features.py")
_ROUNDS, _ROUNDS_OF_TAGS = 100, 60
"""How often the weights are bettered at most; those of the tags take most of the time."""
_NAMES = (
    "Ann Ruiz", "Bo Lindqvist", "Marta Figueiredo", "Yuki Tanabe", "Will Stone", "Sam Okafor",
    "Sam Lindqvist",
)  # fmt: skip
"""Who is named in the wordings."""
_TOGETHER = {"direct reports": ("ann@example.org",), "my team": ("bo@example.org",),
             "the leads": ("will@example.org",)}  # fmt: skip


def everybody() -> Known:
    """What has to be known to read the wordings: who is named in them, and when they were written."""
    owner = Owner("Noor Haddad", "noor@example.org", frozenset({"noor@example.org"}), "Europe/Lisbon")
    people = tuple(Person(n, (f"{n.lower().replace(' ', '.')}@example.org",), 1) for n in _NAMES)
    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    return Known(owner=owner, now=now, people=people, groups=_TOGETHER)


def seen(one: Wording, known: Known) -> list[Token]:
    """The tokens of a wording."""
    return tokens(one.said, Request(one.said, one.said, "", "", known))


def tagged(one: Wording, found: Sequence[Token]) -> list[str]:
    """The tag of each token: B-slot where a slot begins, I-slot inside it, else outside."""
    tags = []
    for token in found:
        slot = next(((n, a) for n, a, b in one.slots if a < token.end and token.start < b), None)
        tags.append(OUTSIDE if slot is None else f"{'B' if token.start <= slot[1] else 'I'}-{slot[0]}")
    return tags


def said_with(rows: Iterable[tuple[Wording, Sequence[Token]]]) -> dict[str, frozenset[str]]:
    """For each goal the words that its wordings hold outside their slots."""
    found: dict[str, set[str]] = {goal: set() for goal in FORMS}
    for one, held in rows:
        tags = tagged(one, held)
        found[one.goal] |= {t.word for t, tag in zip(held, tags, strict=True) if tag == OUTSIDE}
    return {goal: frozenset(words) for goal, words in found.items()}


def learn(wordings: Sequence[Wording], known: Known) -> Learnt:
    """The weights that fit the wordings."""
    plain = (w.in_plain_words() for w in wordings if _chosen(w))
    rows = [(w, seen(w, known)) for w in (*wordings, *(p for p in plain if p is not None))]
    goals, _ = _fitted([([of_wish(t)], [w.goal]) for w, t in rows], c1=0.02, c2=0.05)
    slotted = [(w, t) for w, t in rows if FORMS[w.goal]]
    sequences = [([of_token(t, n, w.goal) for n in range(len(t))], tagged(w, t)) for w, t in slotted]
    tags, steps = _fitted(sequences, c1=0.05, c2=0.05, rounds=_ROUNDS_OF_TAGS)
    return Learnt(goals, tags, steps, said_with(rows))


def learnt_of() -> str:
    """The digest of all that the weights are learnt from: wordings, like words, features and forms."""
    here = Path(__file__).parent
    read = [*sorted((here / "voices").glob("*.txt")), *(here / n for n in _LEARNT_OF)]
    held = [f.name.encode() + b"\0" + f.read_bytes() for f in read]
    return hashlib.sha256(b"\0".join([*held, repr(sorted(FORMS.items())).encode()])).hexdigest()


def _chosen(one: Wording) -> bool:
    """Whether a wording's plain form is learnt too: of one in three, so that wild ones stay the most."""
    return crc32(one.said.encode()) % 3 == 0


def _fitted(
    rows: Sequence[tuple[list[list[str]], list[str]]], *, c1: float, c2: float, rounds: int = _ROUNDS
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """The weights of a linear-chain CRF (L-BFGS, elastic net), rounded: of features, and of steps."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for features, labels in rows:
        trainer.append(features, labels)
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": rounds, "feature.minfreq": 2})
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "model"))
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        info = tagger.info()
        tagger.close()
    weights: dict[str, dict[str, int]] = {}
    for (feature, label), weight in sorted(info.state_features.items()):
        if rounded := round(weight * SCALE):
            weights.setdefault(feature, {})[label] = rounded
    steps: dict[str, dict[str, int]] = {}
    for (before, label), weight in sorted(info.transitions.items()):
        steps.setdefault(before, {})[label] = round(weight * SCALE)
    return weights, steps


def main() -> None:
    """Write the weights of the package."""
    made = learn(written(), everybody())
    raw: dict[str, Any] = {
        "of": learnt_of(), "goals": made.goals, "tags": made.tags, "steps": made.steps,
        "said_with": {goal: " ".join(sorted(words)) for goal, words in made.said_with.items()},
    }  # fmt: skip
    text = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    target = Path(__file__).with_name("weights.json.gz")
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(
        f"{target.name}: {len(made.goals):,} and {len(made.tags):,} features, {target.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
