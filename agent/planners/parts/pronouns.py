"""How what points back is said, and by which steps it is made: the patterns that `antecedents` reads by."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.verbs import BOOKS, WRITES

LEAD = r"(?:[^,]{0,40},\s*)?(?:please\s+|also\s+|then\s+)*"
ITEM_VERB = re.compile(
    rf"{LEAD}(?:forward|fwd|pass|reply|respond|answer|summari[sz]e|sum\s+up|recap|compare|write\s+back|archive|file|"
    r"flag|mark|draft\s+an?\s+(?:\w+\s+)?(?:reply|response|answer)|what|who|when|show|read)\b",
    re.I,
)
EVENT_VERB = re.compile(
    rf"{LEAD}(?:move|cancel|call\s+off|delete|scrap|reschedule|postpone|shift|push|bring|make|change|set|shorten|"
    r"lengthen|extend|accept|decline|skip|confirm|rename|end)\b",
    re.I,
)
THING = re.compile(
    r"\b(?:it|this|that|them|these|those|one)\b(?!\s+(?:day|week|time|month|afternoon|morning)\b)", re.I
)
NOUN = re.compile(
    r"\b(?:the|that|this|my|these|those)\s+(?:(?P<text>summary|recap|overview|digest|answer|list|changes|differences|"
    r"same|results?|agenda|schedule|gist)|(?P<item>thread|mail|e-?mail|message|conversation|document|doc|file|paper)|"
    r"(?P<event>meeting|event|appointment|invitation))\b(?!\s+(?:about|regarding|from|with|of|on|in|between|called|titled|"
    r"i|we|he|she|they|that|which|[“\"]))",
    re.I,
)
MADE_BY: dict[str, tuple[str, ...]] = {
    "summary": ("item.summarise",), "recap": ("item.summarise",), "overview": ("item.summarise",),
    "gist": ("item.summarise",), "digest": ("digest.compose",), "answer": ("question.answer",),
    "changes": ("document.changes", "document.changed"), "differences": ("document.changes",),
    "agenda": ("calendar.agenda",), "schedule": ("calendar.agenda",),
}  # fmt: skip
"""The steps that make what a noun names; another noun may be any text."""
TEXTS = {
    "item.summarise": "the summary", "document.changes": "the changes", "document.changed": "the list",
    "threads.waiting": "the list", "calendar.agenda": "the agenda",
    "question.answer": "the answer", "digest.compose": "the digest",
}  # fmt: skip
"""Steps whose output has a text (`text`, `title`) that can be passed on, and what it is called."""
FINDS = {"item.find": "what was found", "message.list": "the newest of the mails", "event.find": "the event"}
BARE = re.compile(r"(?:please\s+|then\s+)*(reply|respond|write\s+back)", re.I)
WITH_IT = re.compile(r"(?:mail|message|note|e-?mail|letter|line)\b.*\bwith\s+$", re.I)
BESIDE_IT = re.compile(
    rf"^(?:{BOOKS}|keep|put)\b.*\b(?:before|after|ahead\s+of)\s+(?P<it>it|that|this)\W*$", re.I
)
"""A time that hangs on what the part before is about."""
GUESTS = re.compile(
    rf"{LEAD}(?:(?:add|invite|include|put|bring|get)\b.+\b(?:to|in|into|on)|(?:remove|drop|take|uninvite)\b.+\b(?:from|off))\s+"
    r"(?:it|that|this)\W*$",
    re.I,
)
"""Who comes to what the part before is about."""
ON_IT = re.compile(
    rf"{LEAD}(?:{BOOKS}|get|put|need)\s+(?:me\s+)?(?!it\b|that\b|this\b).*\b(?P<on>on|about|over|regarding)\s+"
    r"(?P<it>it|that|this)(?=\W*$|\s+(?:on|at|next|this|tomorrow|today)\b)",
    re.I,
)
"""A meeting about what the part before is about."""
THEM = re.compile(
    rf"{LEAD}(?:list|show(?:\s+me)?|read|give\s+me|flag|mark|archive|trash|delete|bin)\s+(?P<them>them|these|those|it)\b",
    re.I,
)
"""Mails that were asked for."""
OF_IT = re.compile(
    r"(?:summari[sz]e|sum\s+up|give\s+me\s+(?:the|a)\s+(?:short\s+)?(?:gist|summary|recap))", re.I
)
KEEPS = re.compile(r"(?:block|hold|reserve|keep|book)\s+(?=it\b)", re.I)
ABOUT_IT = re.compile(r"\b(?:about|of|regarding|concerning|for|on)\s+$", re.I)
MAIL_ABOUT = re.compile(
    r"\b(?:mails?|e-?mails?|messages?|threads?|conversation|documents?)\s+(?:about|regarding|concerning|on)\s+$",
    re.I,
)
SENDER = re.compile(
    r"\b(?:the\s+(?:sender|author|writer)|who(?:ever)?\s+(?:sent|wrote)\s+it|the\s+(?:one|person)\s+who\s+(?:sent|wrote)"
    r"\s+it)\b(?!['’]s)",
    re.I,
)
EVERYONE = re.compile(
    r"\b(?:every(?:one|body)|all|those|the\s+people|whoever\s+is)\s+(?:(?:who\s+is|that\s+is|who\s+are|else)\s+)?(?:in|on)\s+"
    r"(?:it|the\s+(?:thread|meeting|mail|conversation|call|invitation))\b|\bthe\s+(?:participants|attendees|guests|"
    r"invitees|recipients)\b(?!\s+of\b)|\beveryone\s+involved\b",
    re.I,
)
BOTH = re.compile(
    r"\b(?P<who>both(?:\s+of\s+them)?|them\s+both)(?=\s*(?:$|[,.;]|on\b|at\b|for\b|next\b|tomorrow\b|in\b|that\b|this\b))",
    re.I,
)
HIM = re.compile(r"\b(?P<who>him|her|them|he|she|they)\b(?!['’])", re.I)
HIS = re.compile(
    r"\b(?P<who>his|their|her)\s+(?=(?:(?:last|latest|newest|most\s+recent|next|recent|own)\s+)?"
    r"(?:e-?mails?|mails?|messages?|threads?|calendar|invitations?|reply|answer|question|request|document|offer)\b)",
    re.I,
)
TO_SOMEBODY = re.compile(
    rf"(?:\b(?:{WRITES}|offer|propose|suggest|give|to|with|from|invite|add|include|bring|remove|grab|get|book|meet|and|for|see|is|are|of)\s+)$",
    re.I,
)
ASKED_OF = re.compile(r"^(?:does|did|do|is|are|was|has|have|can|could|will|would)\s+$", re.I)
"""In front of "she" in a question about her."""
THAT_WEEK = re.compile(r"(?:\b(?:in|during|on)\s+)?\b(?:that|the\s+same)\s+week\b", re.I)
THEN = re.compile(
    r"\b(?:at\s+that\s+time|at\s+the\s+same\s+time|(?P<day>(?:on\s+)?(?:that|the\s+same)\s+day)|then)\W*$",
    re.I,
)
