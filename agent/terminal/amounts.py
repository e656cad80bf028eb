"""What was spent, in a line or a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Answer = Mapping[str, Any]


def line(spent: Answer) -> str:
    """ "3 steps, 8,431 tokens, 0.02 USD, 1.3 seconds, 2 calls to mail"; what is nothing is left out."""
    parts = [
        _counted(spent["steps"], "step"), _counted(spent["tokens"], "token"),
        f"{spent['money']:,.2f} {spent['currency']}".rstrip() if spent["money"] else "",
        f"{spent['seconds']:,.1f} seconds" if spent["seconds"] else "",
        *(f"{_counted(n, 'call')} to {source}" for source, n in spent["calls"].items() if n),
    ]  # fmt: skip
    return ", ".join(p for p in parts if p) or "nothing"


def table(budgets: Sequence[Answer], currency: str) -> Iterator[str]:
    """Lines of what was used, of how much, one budget under the other."""
    rows = [
        (
            f"calls to {b['of']}" if b["of"] else b["what"],
            "" if b["used"] is None else _shown(b["what"], b["used"], currency),
            _limit(b, currency),
        )
        for b in budgets
    ]
    wide = [max((len(row[n]) for row in rows), default=0) for n in (0, 1)]
    for name, used, limit in rows:
        yield f"  {name:<{wide[0]}}  {used:>{wide[1]}}{'  ' if used else ''}{limit}"


def _limit(budget: Answer, currency: str) -> str:
    if budget["limit"] is None:
        return "no limit"
    shown = _shown(budget["what"], budget["limit"], currency)
    return shown if budget["used"] is None else f"of {shown}"


def _shown(what: str, amount: float, currency: str) -> str:
    if what == "money":
        return f"{amount:,.2f} {currency}".rstrip()
    return f"{amount:,.1f}" if what == "seconds" and amount % 1 else f"{amount:,.0f}"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}" if n else ""
