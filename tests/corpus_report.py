"""How the rules planner does on the corpora: `corpus_report.py PART`, a corpus of `PARTS` or all.

Of the parts that were kept aside it shows numbers only, unless told to (`--show`).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.agent.planners.conftest import office  # noqa: E402
from tests.agent.planners.corpus_forms import Row, load  # noqa: E402
from tests.agent.planners.corpus_judge import Verdict, judge  # noqa: E402

from deskhand.agent.planners.rules import plan  # noqa: E402

KINDS = ("right", "asks", "wrong", "writes")
"""What is counted; `writes` are those of the wrong that would change something."""
PARTS = (
    "open",
    "aside",
    "blind",
    "half",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "kept",
)
FOLDER = ROOT / "tests" / "agent" / "planners"


def verdicts(part: str) -> list[tuple[str, Row, Verdict]]:
    """Each row of a part with its table and what its plan is."""
    known = office()
    tables = load(FOLDER / f"corpus_{part}.toml")
    return [(t, row, judge(t, row, plan(row["say"], known))) for t, rows in tables.items() for row in rows]


def main() -> None:
    """Print the table of a part, and of the open one the rows that are not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="open", choices=(*PARTS, "all"))
    parser.add_argument("--show", action="store_true", help="the rows of the parts kept aside, too")
    chosen = parser.parse_args()
    for part in PARTS if chosen.part == "all" else (chosen.part,):
        _print(part, verdicts(part), shown=part == "open" or chosen.show)


def _print(part: str, found: list[tuple[str, Row, Verdict]], *, shown: bool) -> None:
    print(f"{part:22}{'rows':>6}" + "".join(f"{k:>7}" for k in KINDS))
    counts: dict[str, Counter[str]] = {}
    for table, _, verdict in found:
        counts.setdefault(table, Counter()).update(
            ["rows", verdict.kind, *(["writes"] if verdict.harms else [])]
        )
    for table, count in counts.items():
        print(f"  {table:20}{count['rows']:6}" + "".join(f"{count[k]:7}" for k in KINDS))
    total = sum(counts.values(), Counter[str]())
    print(f"  {'all':20}{total['rows']:6}" + "".join(f"{total[k]:7}" for k in KINDS))
    print(f"  {'share':26}" + "".join(f"{total[k] / total['rows']:7.1%}" for k in KINDS) + "\n")
    for kind in ("wrong", "asks") if shown else ():
        for table, row, verdict in found:
            if verdict.kind == kind:
                print(f"{kind:6} {table:16} {row['say']}\n{'':24}{verdict.reason[:160]}")


if __name__ == "__main__":
    main()
