"""The parts of a mail that are said by their names: "Subject: the lease. Text: it is signed".

They are written out as the grammar has them: "with the subject “the lease”: it is signed".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deskhand.agent.planners.words.around_text import said_around
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.plans.language import Plan, Unclear

if TYPE_CHECKING:
    from deskhand.agent.planners.words.request import Request

_WRITES = r"(?:e-?mails?|mails?|messages?|notes?|letter|reply|respond|answer|write|draft|compose|send)"
_NAMED = re.compile(
    rf"(?P<wish>.*?\b{_WRITES}\b[^:\"“«]*?)[\s.,;:–—-]+(?:with\s+)?(?:the\s+)?subject(?:\s+line)?\s*[:=]\s*"
    r"(?P<open>[\"“«])?(?P<subject>[^\n]{1,120}?)[\"”»]?\s*[.,;\n–—-]+\s*"
    r"(?:and\s+)?(?:with\s+)?(?:the\s+)?(?:text|body|message|content)\s*[:=]\s*(?P<text>\S.*)",
    re.I | re.S,
)
_DICTATED = re.compile(
    rf"(?P<wish>.*?\b{_WRITES}\b[^:\"“«]*?)[\s.,;:–—-]+(?:with\s+)?(?:the\s+)?subject(?:\s+line)?\s+"
    r"(?!of\b|is\b|matter\b)(?P<subject>[^\n:\"“”]{1,80}?)"
    r"[\s,;.]+(?:and\s+)?(?:with\s+)?(?:the\s+)?(?:body|text)(?:\s*:\s*|\s+(?:is\s+)?)(?P<text>\S.*)",
    re.I | re.S,
)
"""The same where nobody says the marks: "subject line rehearsal body we start at seven"."""
_ABOUT = re.compile(
    rf"(?P<wish>.*?\b{_WRITES}\b[^:\"“«]*?)\s+re\s*:\s*(?P<subject>[^\n:.!?\"“”]{{1,60}}?)\s*(?:\s[-–—]+\s|"
    rf":\s)\s*"
    r"(?P<text>\S.*)",
    re.I | re.S,
)
_DRAFTED = re.compile(
    r"(?P<verb>write|mail|e-?mail|message)\s+(?:something|a\s+few\s+(?:words|lines)|a\s+line|a\s+note|"
    r"an?\s+e?-?mail)\s+"
    r"(?P<rest>to\s+.+?)[\s,;.–—-]+(?:(?:and|but|just|only|please|then)\s+)*(?:save|keep|leave|store|put)\s+"
    r"(?:it|that|this)\s+(?:as|in|among)\s+(?:an?\s+|my\s+|the\s+)?drafts?(?:\s+(?:for\s+now|only|"
    r"folder))*[\s.!]*",
    re.I | re.S,
)
_ITSELF = re.compile(
    r"(?:,|\band)\s+(?:then\s+|also\s+|please\s+)*(?:put|stick|pop|add|book|block|schedule|enter|note|"
    r"pencil|cancel|move|delete|save)\s+(?:it|this|that|them|me|the\s+\w+)?\s*(?:in|into|on|to|for|from|"
    r"of)\s+"
    r"(?:my|the|our)\s+(?:calendar|diary|agenda|planner)\b.*|"
    r"[.;]\s*(?:and\s+)?then\s+(?:please\s+)?(?:accept|decline|book|cancel|move|forward|reply|draft|file|"
    r"trash|pause|resume|summari[sz]e)\b.*|"
    r"(?:^|[.;,\n]\s*)(?:subject(?:\s+line)?|text|body|b?cc)\s*:|"
    r"(?:[.,;(–—]|\s-|\sbut|\sand)\s*(?:(?:and|but|so|just|only|please|then)\s+)*"
    r"(?:(?:save|keep|leave|store|put|park|stick|file|make)\s+(?:it|this|that)\b[^.,;]*\bdrafts?\b[^.,;]*|"
    r"as\s+(?:a\s+)?draft\b[^.,;]*|draft\s+only|b?cc\s+[A-Z]\S+|(?:without|before)\s+sending\b[^.,;]*|"
    r"(?:do\s*n['’]?t|do\s+not|never)\s+(?:\w+\s+)?send\s+(?:it|this|that|anything)\b[^.,;]*|"
    r"let\s+me\s+(?:see|read|check|review|look)\b[^.,;]*\b(?:first|before)\b[^.,;]*|"
    r"i(?:['’]d|['’]ll|\s+want|\s+will|\s+would)\b[^.,;]*\b(?:look|read|check|review|see)\b[^.,;]*\b(?:it|"
    r"this)\b[^.,;]*"
    r"\b(?:first|before)\b[^.,;]*)[\s.!)]*$",
    re.I,
)
"""What is said of a mail, and is none of its text."""


_THING = re.compile(
    rf"(?:the|my|our|those|these|his|her|their|a|an)\s+(?:[\w-]+\s+){{0,3}}?(?:{LEXICON['paper']}|photo|"
    rf"picture|"
    r"invoice|receipt|scan|form|link|recording|drawing|certificate|address|number|list|time|date|option|"
    r"agenda|"
    r"programme|program|schedule|detail|direction|result)s?\.?|(?:just\s+|exactly\s+)?the\s+same\b.*",
    re.I | re.S,
)
"""A thing, and no word of what is to be said of it."""


def parts_written_out(words: str) -> str:
    """A wish whose mail has its subject and its text under their names, as they are said without."""
    if (m := _NAMED.fullmatch(words)) is not None:
        return f"{m['wish']} with the subject “{m['subject'].strip(' “”')}”: {m['text']}"
    if (m := _DICTATED.fullmatch(words)) is not None:
        return f"{m['wish']} with the subject “{m['subject'].strip(' ,')}”: {m['text']}"
    if (m := _ABOUT.fullmatch(words)) is not None:
        return f"{m['wish']} about {m['subject']}: {m['text']}"
    if (m := _DRAFTED.fullmatch(words)) is not None:
        return f"draft a mail {m['rest']}"
    return said_around(words)


def about_itself(request: Request, made: Plan) -> Unclear | None:
    """The question about a mail whose text holds words about the mail, outside quotation marks."""
    for step in made.steps:
        body = step.args.get("body") if step.op in ("mail.send", "mail.draft") else None
        if not isinstance(body, str) or request.tail.rstrip().endswith(('"', "”", "»")):
            continue
        if (m := _THING.fullmatch(body.strip())) is not None and not request.body:
            return Unclear(
                message=f"Is “{m.group().rstrip('.')}” what I shall write, or what I shall send? Nothing "
                f"was sent. Say “forward the "
                "mail about ...” or “send the newest version of ...”, or put the text behind a colon."
            )
        if (m := _ITSELF.search(body.strip())) is not None and m.group().strip() in request.original:
            return Unclear(
                message=f"Is “{m.group().strip(' ,;.(')}” part of the text? I would write it, so nothing was "
                "done. Put the text in quotation marks, or say “draft a mail to ... about ...: ...”."
            )
    return None
