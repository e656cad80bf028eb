"""What else is tried where somebody is not free: "..., else try Marta", "..., if not try Friday"."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.request import Request

_TRY = re.compile(
    r"(?P<if>.*?\b(?:free|available|around|busy)\b.*?)[\s,;?]+(?:(?:then|if\s+so|if\s+yes)[\s,]+)?"
    r"(?P<verb>book|schedule|reserve|get|find|"
    r"set\s+up|arrange)\s+(?P<what>[^,;.?]+?)\s*[,;.]\s*(?:and\s+)?(?:otherwise|or\s+else|else|if\s+not|"
    r"if\s+no)[\s,]+try\s+(?:with\s+|on\s+)?"
    r"(?P<other>[^,;.?]+?)(?:\s+instead)?\W*$",
    re.I,
)
_WITH_WHOM = re.compile(r"\s+with\s+(?:him|her|them|it)\b", re.I)


def tried(request: Request) -> str | None:
    """ "if Bo is free at 3 book half an hour, else try Marta": the same with her, at the same time."""
    m = _TRY.match(request.head) if not request.tail else None
    if m is None or request.closed(m.start("verb"), len(request.head)):
        return None
    what = _WITH_WHOM.sub("", m["what"]).strip()
    who = next((n for n in request.named if n.span[0] == m.start("other")), None)
    if who is not None:
        inside = (request.times_in(*m.span(part)) for part in ("what", "if"))
        when = next((t.text for times in inside for t in times if t.kind != "duration"), "")
        other = f"{what.replace(when, '').strip()} with {m['other']} {when}"
    elif any(t.span[0] == m.start("other") for t in request.times):
        first = next((n.words for n in request.named if n.span[1] <= m.start("verb")), "")
        other = f"{what}{f' with {first}' if first else ''} {m['other']}"
    else:
        return None
    asked = next((n for n in request.named if n.span[1] <= m.start("verb")), None)
    alone = asked is not None and not any(
        n.span[0] >= m.start("what") and n is not who for n in request.named
    )
    both = f" with {asked.words}" if asked is not None and alone and not _WITH_WHOM.search(m["what"]) else ""
    return f"{request.head[: m.end('what')]}{both}, otherwise {m['verb']} {other.strip()}"
