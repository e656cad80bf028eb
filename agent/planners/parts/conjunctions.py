"""How conditions, "otherwise" and what joins wishes are said: the patterns that `clauses` reads by."""

from __future__ import annotations

import re

IF = (
    r"(?:(?P<not>unless|except\s+(?:if|when))|(?P<event>when(?:ever)?|as soon as|once|the moment)|"
    r"(?P<only>(?:but\s+)?only\s+if)|if|in\s+(?:case|the\s+event)(?:\s+that)?|should|as\s+long\s+as|provided(?:\s+that)?|assuming(?:\s+that)?|"
    r"on\s+condition\s+that|supposing)"
)
FRONT = re.compile(
    rf"(?:and\s+|then\s+|also\s+)*{IF}\s+(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|can\b|could\b|"
    r"will\b(?!\s+(?:has|have|is|did|wrote|\w{2,}ed|[A-Z]\w+)\b)|"
    r"should\b|possible\b|so\b|not\b|a\b(?=\s+(?:week|day|month|year)))",
    re.I,
)
BEHIND = re.compile(
    rf"(?:\s*,)?\s+{IF}\s+(?!possible\b|so\b|not\b|any\b|needed\b|necessary\b|you\b|(?:it|that)(?:['’]s|"
    rf" is) "
    r"(?:ok|okay|fine|possible|alright)\b)",
    re.I,
)
ASKED = re.compile(
    r"(?:(?:check|see|look|find\s+out|tell\s+me)\s+)?(?:whether|if)\s+(?=.*\bif\s+(?:so|yes|not|no|she|he|it|they|there|i)\b)",
    re.I,
)
QUESTION = re.compile(
    r"(?:is|are|am|has|have|did|does|do)\s+(?=.*[,;.?!]\s*(?:and\s+)?(?:if\s+(?:so|yes|not|he|she|it|they|i|there)|then|otherwise)\b)",
    re.I,
)
SO = re.compile(
    r"\s*[,;.?!]*\s*(?:and\s+)?(?:if\s+(?:so|yes|that\s+is\s+so|(?:he|she|they|it|i|we|there)\s+(?:is|are|am|has|"
    r"have|do|does)(?=\s*,))|in\s+that\s+case|(?<=[?]\s)then)\b[\s,:]*",
    re.I,
)
NOT_SO = re.compile(
    r"\s*[,;.?!]*\s*(?:and\s+|but\s+)?if\s+(?:not|no|(?:he|she|it|they|that|there|i|we)\s*(?:is|are|am|has|have|does|do|['’]s)?"
    r"(?:\s+not|n['’]t))\b[\s,:]*",
    re.I,
)
COMMA = re.compile(r"\s*[,;:]\s*(?:then\s+)?(?:please\s+|just\s+)?|\s+then\s+", re.I)
ELSE = re.compile(
    r"(?:\s*[,;.]\s*|\s+)(?:and\s+|but\s+|or\s+)?(?:otherwise|or\s+else|else|if\s+not|if\s+(?:he|she|it|they|"
    r"that|there)(?:['’]s|\s+is|\s+are|\s+has|\s+have|\s+does|\s+do)?(?:\s+not|n['’]t)\b(?:\s+so)?)"
    r"(?:\s*[,:]\s*|\s+)(?:then\s+)?(?:please\s+)?",
    re.I,
)
CONTRARY = re.compile(
    r"\s*[,;.]\s*(?:and\s+|but\s+)?if\s+(?:i|he|she|it|they|we|there)\s+(?:do|does|is|are|am|has|have)\s*,\s*"
    r"(?:then\s+)?(?:please\s+)?",
    re.I,
)
NO = re.compile(r"\b(?:not|no|nothing|nobody|never|none)\b|n['’]t\b", re.I)
FULL_STOP = re.compile(r"\s*[.!?]\s+|\s*;\s*", re.I)
CLAUSE = re.compile(
    r"(?:it|he|she|they|we|i|there|that|this|nobody|anybody|anyone|somebody|someone|nothing|anything|"
    r"(?:the|my|our|any|no)\s+\w+(?:\s+\w+)?|[A-Z][\w’'-]+)\s+(?:\w+\s+)?"
    r"(?:is|are|am|was|were|has|have|had|does|do|did|will|can|could|\w{2,}s|\w{2,}ed)\b"
)
"""A clause with a subject and a verb."""
KIND = re.compile(
    r"(?:he|she|they|it|that|this|i|we|[A-Z]\w+)\s+(?:can\b|could\b|works?\b|suits?\b|fits?\b|is\s+(?:ok|okay|fine|possible)\b|"
    r"(?:has|have)\s+to\b|makes?\s+it\b|likes?\b|wants?\b)",
    re.I,
)
"""What is said for courtesy, or of who may stay away: "Bo if he can"."""
ASKS_WHETHER = re.compile(
    r"(?:ask|tell|let|check|see|find\s+out|know|remind|inform|show|confirm)\b(?:(?:\s+with)?\s+[\w.@'’-]+){0,4}",
    re.I,
)
INTO_FRONT = re.compile(
    rf"(?:\s*[;.!?]\s*|,?\s+(?:and|then|also|but)\s+)(?=(?:and\s+|then\s+|also\s+)*{IF}\s)", re.I
)
SUMMARY_OF = re.compile(
    r"(?P<verb>send|mail|e-?mail)\s+(?:(?P<who>[\w@.+’' -]{2,60}?)\s+)?(?:an?|the)\s+(?:short\s+|quick\s+|"
    r"brief\s+)?"
    r"(?:summary|recap|gist|overview)\s+of\s+(?P<what>.+?)(?:(?<!from)\s+to\s+(?P<whom>[\w@.+’', -]{2,80}))?",
    re.I,
)
NOTHING = re.compile(
    r"(?:(?:just|please|then)\s+)*(?:leave\s+(?:it|them|things|everything)(?:\s+(?:be|alone|as\s+\w+\s+(?:is|are)))?|"
    r"do\s+nothing|(?:do\s+not|don['’]?t)\s+(?:do\s+anything|bother|worry)|never\s*mind|forget\s+(?:about\s+)?it|"
    r"let\s+it\s+be|no\s+(?:worries|problem|need)|nothing|(?:that|it)(?:['’]s|\s+is)\s+(?:fine|ok|okay))(?:\s+then)?\W*",
    re.I,
)
"""How one says that a branch is empty."""
THEN = re.compile(r"\b(?:then|after\s+that|afterwards)\b", re.I)
TRIMMED = " ,;.!"
