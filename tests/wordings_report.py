"""How wishes of people whose wordings were not learnt are read: `python tests/wordings_report.py w11 w12`.

Learns from all files of `agent/planners/likeness/voices` but those named (some minutes), and compares what is
planned for each wish of these with what is planned for its plain words. Needs what `make weights` needs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.agent.planners.conftest import office  # noqa: E402
from tests.agent.planners.corpus_forms import writes  # noqa: E402

from deskhand.agent.planners import rules  # noqa: E402
from deskhand.agent.planners.likeness import reader  # noqa: E402
from deskhand.agent.planners.likeness.training import everybody, learn  # noqa: E402
from deskhand.agent.planners.likeness.wordings import Wording, written  # noqa: E402
from deskhand.agent.plans.language import Plan, Unclear  # noqa: E402
from deskhand.agent.profile import Known  # noqa: E402

_UNTOLD = frozenset({"purpose", "title", "template", "makes_room", "kinds", "question", "every"})
"""Arguments that repeat words of the wish, or widen a search."""


def main() -> None:
    """Print how many wishes are read right, asked about, and read as another one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", help="names of files, without .txt")
    left_out = {f"{name}.txt" for name in parser.parse_args().files}
    all_of_them = written()
    kept = [w for w in all_of_them if w.place.split(":")[0] not in left_out]
    weights = learn(kept, everybody())
    reader.learnt = lambda: weights  # type: ignore[assignment]
    counts: Counter[str] = Counter()
    known = office()
    for one in all_of_them:
        if one.place.split(":")[0] in left_out:
            counts.update(_verdict(one, known))
    total = counts["right"] + counts["asks"] + counts["wrong"]
    print(f"{total} wishes ({counts['gap']} more whose plain words are not planned), {len(kept)} learnt")
    for kind in ("right", "asks", "wrong", "writes"):
        print(f"  {kind:7}{counts[kind] / total:7.1%}")


def _verdict(one: Wording, known: Known) -> list[str]:
    made = rules.plan(one.said, known)
    if one.goal in ("none", "question"):
        looked = isinstance(made, Plan) and [s.op for s in made.steps] == ["question.answer"]
        if one.goal == "none":
            return ["right"] if looked or isinstance(made, Unclear) else _wrong(made)
        return ["right"] if looked else ["asks"] if isinstance(made, Unclear) else _wrong(made)
    meant = rules.plan(one.plainly() or "", known)
    if isinstance(meant, Unclear):
        return ["gap"]
    if isinstance(made, Unclear):
        return ["asks"]
    return ["right"] if _essence(made) == _essence(meant) else _wrong(made)


def _wrong(made: Plan) -> list[str]:
    return ["wrong", *(["writes"] if any(writes(s.op) for s in made.steps) else [])]


def _essence(made: Plan) -> list[Any]:
    return [(s.op, s.when is not None, _plain(s.args)) for s in made.steps]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.casefold().split()).rstrip(".!?")
    if isinstance(value, Mapping):
        return {n: _plain(v) for n, v in value.items() if n not in _UNTOLD}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


if __name__ == "__main__":
    main()
