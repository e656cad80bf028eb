"""Where a topic ends: "the warranty, don't send it yet" is about the warranty."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.tidying import tidy

_CLAUSE = re.compile(
    r"\s*[,;(–—]\s*(?:and\s+|but\s+|so\s+)?(?:do(?:n['’]?t| not)|never|no\s+need|just|only|please|any|but|"
    r"as|because|since|"
    r"so that|i|we|it|keep|make|in|if|when|then|thanks|briefly|short|nothing|ideally|preferably|"
    r"max\w*)\b.*$",
    re.I,
)
_REASON = re.compile(
    r"\s+(?:before|ahead of|prior to|in time for|so (?:that )?(?:i|we)|because|since i|as i|while i|"
    r"until i)\b"
    r"(?=\s+(?:i|we|my|the|our|tomorrow|today|it|noon|lunch)\b).*$|\s+so (?:that )?(?:i|we)\b.*$",
    re.I,
)
_HOW = re.compile(
    r"[\s,]+(?:for (?:me|us|my boss|the team|the record)|to me|in (?:short|brief|full|detail|plain words|"
    r"simple words|"
    r"(?:a|one|two|three|four|five|a few|a couple of|max\w*|\d+)(?: or (?:two|three|four|five|so|"
    r"\d+))?(?: \w+)? "
    r"(?:words?|lines?|sentences?|bullets?|bullet points?|points?|paragraphs?|minutes?))|(?:as|"
    r"in) bullets?(?: points?)?|"
    r"briefly|quickly|shortly|right now|now|today|again|instead|please|thanks|compared(?: with| to)?|"
    r"all about|is about|says?|"
    r"has to say|is saying|is all about|at all|if (?:possible|you can))$",
    re.I,
)


def ended(topic: str) -> str:
    """A topic without the clause behind it, and without the words for how or why it is asked for."""
    text = _REASON.sub("", _CLAUSE.sub("", topic))
    while (shorter := tidy(_HOW.sub("", text))) != text:
        text = shorter
    return text or topic
