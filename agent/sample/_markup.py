"""The little markup the script's documents are written in, read into blocks for the office writers.

`# `, `## ` a heading; `- ` a bullet; lines of `a | b | c` a table; all else
is paragraphs, with an empty line between them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Bullet:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Bullet | Paragraph | Table


def blocks(text: str) -> list[Block]:
    """Read a text. A line that goes on a paragraph or a bullet is joined to it."""
    found: list[Block] = []
    new = True
    for line in text.splitlines():
        stripped = line.strip()
        last = found[-1] if found and not new else None
        new = not stripped
        if not stripped:
            continue
        if stripped.startswith("#"):
            marks, _, title = stripped.partition(" ")
            found.append(Heading(len(marks), title))
        elif stripped.startswith("- "):
            found.append(Bullet(stripped[2:]))
        elif " | " in stripped:
            row = tuple(cell.strip() for cell in stripped.split(" | "))
            if isinstance(last, Table):
                found[-1] = Table((*last.rows, row))
            else:
                found.append(Table((row,)))
        elif isinstance(last, Bullet):
            found[-1] = Bullet(f"{last.text} {stripped}")
        elif isinstance(last, Paragraph):
            found[-1] = Paragraph(f"{last.text} {stripped}")
        else:
            found.append(Paragraph(stripped))
    return found
