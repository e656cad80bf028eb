"""The table of docs/policy.md, made of the rows: `python -m deskhand.agent.trust.reference`."""

from __future__ import annotations

from pathlib import Path

from deskhand.agent.trust.policy import Outcome, Row, effective

MARK = "`python -m deskhand.agent.trust.reference`.\n"
"""What stands above the table on its page."""

_COLUMNS: tuple[tuple[Outcome, str], ...] = (("allow", "goes ahead"), ("ask", "asks"), ("deny", "never"))


def table() -> str:
    """The rows that come with Deskhand, a line for each operation, in Markdown."""
    rows = effective({}).rows
    operations = dict.fromkeys(o for row in rows for o in row.operations if "*" not in o)
    lines = [
        f"| operation | {' | '.join(said for _, said in _COLUMNS)} |",
        "|---" * (1 + len(_COLUMNS)) + "|",
    ]
    for operation in sorted(operations):
        mine = [r for r in rows if r.about(operation)]
        cells = ("; ".join(_said(r, operation) for r in mine if r.then == then) for then, _ in _COLUMNS)
        lines.append(f"| {operation} | {' | '.join(cells)} |")
    for row in (r for r in rows if any("*" in o for o in r.operations)):
        patterns = ", ".join(f"`{o}`" for o in row.operations)
        lines.append(f"| {patterns} | | | {_said(row, '')} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its table as the rows have it now."""
    head, mark, _ = text.partition(MARK)
    return f"{head}{mark}\n{table()}"


def _said(row: Row, operation: str) -> str:
    name = row.id.removeprefix(operation).strip()
    told = row.means or row.why.format(**row.numbers)
    milder = " (may be set to go ahead)" if row.loosen == "allow" != row.then else ""
    return f"{f'*{name}*: ' if name else ''}{told}{milder}"


if __name__ == "__main__":
    path = Path("docs/policy.md")
    path.write_text(page(path.read_text("utf-8")), "utf-8")
