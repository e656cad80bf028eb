"""Words behind a text that say it is not to be sent yet: they make it a draft, and are not part of it."""

from __future__ import annotations

import re
from dataclasses import replace

from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.writing import MARKS

_IT = r"(?:it|that|this|the\s+(?:reply|mail|e-?mail|message|answer|note|draft)|anything)"
_YET = r"(?:\s+(?:yet|now|off|out|just\s+yet|for\s+now|until\s+i\s+(?:say|tell\s+you)(?:\s+so)?))*"
_SEE = r"(?:see|read|check|look\s+at|look\s+over|review|approve)"
_SAID = re.compile(
    r"(?:(?<![\s,;.()–—-])[\s,;.()–—-]++|^)(?:(?:but|and|please|just|only|then|so)[\s,]++){0,8}(?:"
    rf"(?:do\s*n['’]?o?t|do\s+not|never|without)\s+(?:actually\s+)?send(?:ing)?(?:\s+{_IT})?{_YET}|"
    rf"(?:leave|keep|put|save|store)\s+(?:{_IT}\s+)?(?:in(?:to)?\s+(?:my\s+|the\s+)?drafts?(?:\s+folder)?|"
    rf"as\s+(?:an?\s+)?draft)|"
    rf"(?:make|keep)\s+{_IT}\s+a\s+draft|as\s+a\s+draft(?:\s+(?:only|for\s+now|first))?|"
    rf"(?:let\s+me|i\s+(?:want|would\s+like|['’]d\s+like)\s+to|i['’]d\s+like\s+to|so\s+i\s+can|i['’]ll|i\s+will)\s+{_SEE}"
    rf"\s+{_IT}"
    r"(?:\s+over)?\s+(?:first|before\s+(?:it|you)\b[^.]*)"
    r")[\s.!,)]*$",
    re.I,
)
_QUOTED = re.compile(r"[“\"«].*[”\"»]\s*$", re.S)


def unsent(request: Request) -> tuple[Request, bool]:
    """The wish without the words that hold its mail back, and whether there were any.

    Not inside quotation marks: those are the text, to the letter.
    """
    held = False
    if request.body and not _QUOTED.search(request.tail):
        while (m := _SAID.search(request.body)) is not None and request.body[: m.start()].strip():
            body = request.body[: m.start()].rstrip(" ,;–—-\n")
            body += "." if m.group().lstrip().startswith(".") else ""
            tail = (
                request.tail[: request.tail.rfind(body) + len(body)] if body in request.tail else request.tail
            )
            if body[0] in '“"«' and body[-1] in '”"»':
                body = body.strip(MARKS)
            request, held = replace(request, body=body, tail=tail), True
    while (m := _SAID.search(request.head)) is not None and not request.closed(*m.span()):
        if not request.head[: m.start()].strip():
            break
        request, held = replace(request, head=request.head[: m.start()].rstrip(" ,;–—-")), True
    return request, held
