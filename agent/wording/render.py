"""A brief as plain text, Markdown or a page.

Whatever is quoted was written by strangers: `clean` takes out what a terminal or a reader would be
fooled by, each form escapes the rest. None of them makes a link, loads anything or runs anything.
"""

from __future__ import annotations

import re
import textwrap
from base64 import b64encode
from hashlib import sha256
from html import escape
from zoneinfo import ZoneInfo

from deskhand.agent.clean import clean
from deskhand.agent.model import Brief, Citation, Passage
from deskhand.agent.reading.phrasing import moment

_MARKDOWN = re.compile(
    r"([\\`*_{}\[\]<>#+|~!&$^=@])|(?<=[a-zA-Z]):(?=//)|(?<=www)\.|(?<=mailto):|^(\s*\d+)([.)])|^(\s*)(-)"
)

_TITLE, _NAME, _PASSAGE = 300, 120, 10_000
"""So many characters are shown of a title, of somebody's name, of a passage: a subject of megabytes shall not
drown the rest of an answer."""

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1f23;--soft:#5d636d;--line:#dfe2e7;--paper:#fdfdfc;--mark:#2f5fa8}
@media(prefers-color-scheme:dark){
:root{--ink:#e4e6ea;--soft:#9aa1ad;--line:#33373f;--paper:#17191d;--mark:#8fb4ee}}
body{margin:0;background:var(--paper);color:var(--ink)}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:42rem;margin:0 auto;padding:2.5rem 1.25rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1rem;margin:1.9rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
ul{padding-left:1.1rem;margin:0}li{margin:.35rem 0}p{margin:.4rem 0}
.note,footer,footer li{color:var(--soft);font-size:.875rem}
footer{margin-top:2.5rem}footer ol{padding-left:1.6rem}
sup{line-height:0}sup a,footer a{color:var(--mark);text-decoration:none}code{font-size:.8125rem}
@media print{body{background:#fff;color:#000;font-size:11pt}
main{max-width:none;padding:0}li{break-inside:avoid}}
""".strip()


def to_text(brief: Brief, *, width: int = 88, zone: str = "UTC", refs: bool = True) -> str:
    """Plain text no wider than `width` where words allow, with numbered sources at its end.

    `zone` (IANA) is where the times of the sources are shown. Without `refs` it is not said under which name
    this home keeps them, which is nobody else's business.
    """
    width = max(30, width)
    numbers = _numbers(brief)
    title = _line(brief.title, _TITLE)
    lines = [*textwrap.wrap(title, width), "─" * min(width, max(4, len(title)))]
    for section in brief.sections:
        lines.append("")
        if section.heading:
            lines.append(_line(section.heading, _TITLE))
        for passage in section.passages:
            text = f"{_line(passage.text, _PASSAGE)}{_marks(passage, numbers)}"
            lines += _wrap(text, width, *(("  • ", "    ") if section.heading else ("", "")))
    if brief.note:
        lines += ["", *_wrap(f"Note: {_line(brief.note)}", width)]
    if numbers:
        lines += ["", "Sources"]
        for cite, number in numbers.items():
            mark = f"  [{number}] "
            lines += _wrap(_source(cite, zone, ref=refs), width, mark, " " * len(mark))
    return "\n".join(lines) + "\n"


def to_markdown(brief: Brief, *, zone: str = "UTC") -> str:
    """CommonMark. Foreign text is escaped: it makes no link, image, HTML, heading or list."""
    numbers = _numbers(brief)
    lines = [f"# {_escaped(brief.title, _TITLE)}"]
    for section in brief.sections:
        lines.append("")
        if section.heading:
            lines += [f"## {_escaped(section.heading, _TITLE)}", ""]
        for n, passage in enumerate(section.passages):
            if n and not section.heading:
                lines.append("")
            text = f"{_escaped(passage.text, _PASSAGE)} {_escaped(_marks(passage, numbers))}".rstrip()
            lines.append(f"- {text}" if section.heading else text)
    if brief.note:
        lines += ["", f"*Note: {_escaped(brief.note)}*"]
    if numbers:
        lines += ["", "## Sources", ""]
        lines += [f"{number}. {_escaped(_source(cite, zone))}" for cite, number in numbers.items()]
    return "\n".join(lines) + "\n"


def to_html(brief: Brief, *, zone: str = "UTC") -> str:
    """A page that stands alone: no script, nothing loaded, links only to its own notes.

    Its policy allows the one style sheet in it, by hash, and nothing else (CSP level 3).
    """
    numbers = _numbers(brief)
    parts = [f"<h1>{_html(brief.title, _TITLE)}</h1>"]
    for section in brief.sections:
        told = [f"{_html(p.text, _PASSAGE)}{_links(p, numbers)}" for p in section.passages]
        if section.heading:
            items = "\n".join(f"<li>{text}</li>" for text in told)
            heading = _html(section.heading, _TITLE)
            parts.append(f"<section>\n<h2>{heading}</h2>\n<ul>\n{items}\n</ul>\n</section>")
        else:
            parts += [f"<p>{text}</p>" for text in told]
    if brief.note:
        parts.append(f'<p class="note">Note: {_html(brief.note)}</p>')
    if numbers:
        notes = "\n".join(
            f'<li id="source-{number}">{_html(_source(cite, zone, ref=False))} '
            f"<code>{_html(str(cite.ref))}</code>"
            f"{''.join(f' also <code>{_html(str(one))}</code>' for one in cite.also)}</li>"
            for cite, number in numbers.items()
        )
        parts.append(f"<footer>\n<h2>Sources</h2>\n<ol>\n{notes}\n</ol>\n</footer>")
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    body = "\n".join(parts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_html(brief.title, _TITLE)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _line(text: str, most: int = 0) -> str:
    """A text on one line, cut after `most` characters; 0: not at all."""
    told = " ".join(clean(text).split())
    return f"{told[: most - 1].rstrip()}…" if most and len(told) > most else told


def _numbers(brief: Brief) -> dict[Citation, int]:
    return {cite: number for number, cite in enumerate(brief.citations(), 1)}


def _marks(passage: Passage, numbers: dict[Citation, int]) -> str:
    marks = dict.fromkeys(f"[{numbers[c]}]" for c in passage.cites)
    return f" {''.join(marks)}" if marks else ""


def _links(passage: Passage, numbers: dict[Citation, int]) -> str:
    marks = dict.fromkeys(numbers[c] for c in passage.cites)
    return "".join(f' <sup><a href="#source-{n}">[{n}]</a></sup>' for n in marks)


def _source(cite: Citation, zone: str, *, ref: bool = True) -> str:
    parts = [
        _line(cite.title, _TITLE) or "(no title)",
        _line(cite.who, _NAME),
        moment(cite.at.astimezone(ZoneInfo(zone)), zone, year=True),
    ]
    named = [_line(str(cite.ref)), *(f"also {_line(str(one))}" for one in cite.also)] if ref else []
    return ", ".join(filter(None, [*parts, *named]))


def _wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _html(text: str, most: int = 0) -> str:
    return escape(_line(text, most), quote=True)


def _escaped(text: str, most: int = 0) -> str:
    """One line of foreign text for CommonMark: what means something there is escaped (section 2.4)."""

    def mark(match: re.Match[str]) -> str:
        if match[2]:
            return f"{match[2]}\\{match[3]}"
        return f"\\{match[0]}" if not match[5] else f"{match[4]}\\-"

    return _MARKDOWN.sub(mark, _line(text, most))
