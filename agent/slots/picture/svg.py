"""The picture of who is free when as an SVG that stands alone: light and dark, no scripts, nothing loaded."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from deskhand.agent.slots.model import Availability, Slot, SlotRequest
from deskhand.agent.slots.picture.grid import LABEL, Day, Row, fitted, grid_days, plain, told

WIDE, NAMES, HIGH, EDGE = 880, 190, 22, 12
"""In pixels: the picture, the column of names, a row, the margin."""

# Colours stand in each rule: where a program knows no CSS variables, everything would be black.
_LIGHT = {"paper": "#fff", "ink": "#1d2430", "soft": "#5b6472", "line": "#c3c9d2", "free": "#cdeccf",
          "busy": "#5b6472", "mark": "#0b57d0"}  # fmt: skip
_DARK = {"paper": "#17191d", "ink": "#e4e6ea", "soft": "#a3aab6", "line": "#4a505b", "free": "#2c5a35",
         "busy": "#8d95a3", "mark": "#8fb4ee"}  # fmt: skip
_SHAPES = """
.availability text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif}
.availability .day{font-weight:600;font-size:14px}.availability .soft{font-size:11px}
.availability .number{font-weight:700;text-anchor:middle}.availability .query{text-anchor:middle}
.availability .unknown{fill:none;stroke-dasharray:3 2}.availability .slot{fill:none;stroke-width:2.5}
""".strip()


def _colours(of: dict[str, str]) -> str:
    """The rules of one palette."""
    return (
        f".availability .paper{{fill:{of['paper']}}}.availability text{{fill:{of['ink']}}}\n"
        f".availability .soft,.availability .query{{fill:{of['soft']}}}"
        f".availability .number{{fill:{of['mark']}}}\n"
        f".availability .free{{fill:{of['free']};stroke:{of['line']}}}"
        f".availability .busy{{fill:{of['busy']}}}.availability .outside{{fill:{of['line']}}}\n"
        f".availability .unknown{{stroke:{of['soft']}}}.availability .slot{{stroke:{of['mark']}}}"
    )


_STYLE = f"{_SHAPES}\n{_colours(_LIGHT)}\n@media(prefers-color-scheme:dark){{\n{_colours(_DARK)}}}"
_KINDS = {
    "free": "free",
    "busy": "taken",
    "unknown": "not known",
    "outside": "outside hours",
    "slot": "proposed",
}


def to_svg(
    people: Sequence[Availability],
    request: SlotRequest,
    slots: Sequence[Slot] = (),
    *,
    title: str = "Who is free when",
) -> str:
    """An SVG with a title and a description in words. States differ in shape too: taken is solid, free has
    an outline, not known is dashed around a question mark, outside hours is a thin bar."""
    days = grid_days(people, request, slots)
    step = (WIDE - NAMES - EDGE) / max((len(day.proposed) for day in days), default=1)
    drawn: list[str] = []
    y = EDGE
    for day in days:
        y += 16
        drawn.append(_text(EDGE, y, day.title + (": nobody can" if day.empty else ""), "day"))
        heading, y = y, y + 6
        for group in () if day.empty else day.groups:
            y += 14
            drawn.append(_text(EDGE, y, group.zone, "soft"))
            clock = (f"{at:%H:%M}" if at.date() == day.date else f"{at:%a %H:%M}" for at in group.clock)
            drawn += [_text(NAMES + n * LABEL * step, y, at, "soft") for n, at in enumerate(clock)]
            y += 4
            for row in group.rows:
                drawn.append(_text(EDGE + 8, y + 15, fitted(row.name, 22).rstrip()))
                drawn += _bars(row, y, step)
                y += HIGH
        drawn += _frames(day, heading, y, step)
        y += 6
    y += 20
    drawn += _legend(y)
    for n, slot in enumerate(slots, 1):
        first, *rest = told(slot, people, request)
        drawn += [_text(EDGE, y + 24, f"{n}.", "day"), _text(EDGE + 22, y + 24, first)]
        drawn += [_text(EDGE + 22, y + 40 + 15 * i, line, "soft") for i, line in enumerate(rest)]
        y += 24 + 15 * len(rest)
    names = ", ".join(plain(person.called) for person in people)
    offers = "; ".join(f"{n}. {', '.join(told(slot, people, request))}" for n, slot in enumerate(slots, 1))
    high = y + EDGE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="availability" role="img" width="{WIDE}"'
        f' height="{high}" viewBox="0 0 {WIDE} {high}"'
        ' aria-labelledby="availability-title availability-desc">'
    )
    lines = [
        head,
        f'<title id="availability-title">{_safe(title)}</title>',
        f'<desc id="availability-desc">Half hours in which {_safe(names)} are free, taken, not known'
        f" or outside their hours. Proposed: {_safe(offers) or 'nothing'}.</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDE}" height="{high}" rx="6"/>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bars(row: Row, y: float, step: float) -> list[str]:
    made, at = [], 0
    for state, cells in groupby(row.states):
        count = len(list(cells))
        x, wide, thin = NAMES + at * step, count * step, state == "outside"
        made.append(_box(x + 0.5, y + (9 if thin else 2), wide - 1, 4 if thin else HIGH - 4, state))
        if state == "unknown":
            made.append(_text(x + wide / 2, y + 15.5, "?", "query"))
        at += count
    return made


def _frames(day: Day, heading: float, bottom: float, step: float) -> list[str]:
    """A frame around each proposed slot over all rows of its day, with its number on the day's line."""
    made, at = [], 0
    for number, cells in groupby(day.proposed):
        count = len(list(cells))
        if number:
            x, wide = NAMES + at * step, count * step
            made.append(_box(x, heading + 6, wide, bottom - heading - 5, "slot"))
            made.append(_text(x + wide / 2, heading, str(number), "number"))
        at += count
    return made


def _legend(y: float) -> list[str]:
    made: list[str] = []
    for n, (kind, words) in enumerate(_KINDS.items()):
        x, thin = EDGE + n * 150, kind == "outside"
        made += [_box(x, y - (6 if thin else 11), 26, 4 if thin else 14, kind), _text(x + 34, y, words)]
    return made


def _box(x: float, y: float, wide: float, high: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2"/>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}">{_safe(words)}</text>'


def _safe(words: str) -> str:
    return escape(plain(words))
