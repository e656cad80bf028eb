"""What is taken off a wish: politeness around it, articles and joining words at the ends of a phrase."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_POLITE = re.compile(
    r"\W*(?:(?:(?:i['’]?m |i am )?(?:so |very |really )?sorry (?:to (?:bother|disturb|trouble|bug|pester|"
    r"interrupt)(?: you)?|for (?:the |all the )?(?:bother|trouble|disturbance|interruption))(?: again| with "
    r"this)?"
    r"(?:[\s,.!–-]*but)?|excuse me(?:[\s,.!–-]*but)?|"
    r"(?:small|tiny|little|one|another) (?:question|favou?r|request)(?=\s*[,:–-])|hey|hi|hello|ok|okay|"
    r"right|so|well|"
    r"now then|yo|um+|uh+|erm?|hm+|oh|sorry|actually|btw|by the way|"
    r"good (?:morning|afternoon|evening|day)|morning|quick question|one more thing|look(?=,)|listen(?=,)|"
    r"there(?=,)|pray|basically|anyway|anyhow|alright|all right|mate|dude|bro|dear(?: \w+)?(?=,)|like(?=,)|"
    r"good day|quick one|so yeah|kk?(?=,))\b[\s,!:.…-]*)*"
    r"(?:deskhand\b[\s,:!]*)?"
    r"(?:"
    r"\s*(?:(?:could|would|can|will) you )?be an? (?:dear|love|pal|star|angel|sweetheart|sport|champ|"
    r"legend|doll)"
    r"(?:,? and)\b\s*|"
    r"i (?:should|would|shall|’d|'d) be (?:much |very |most |so )?(?:obliged|grateful|thankful|indebted)"
    r"(?: to you)? (?:if you (?:would|could)|were you to)\b\s*|"
    r"(?:please|kindly|gently|politely|nicely|just|quickly|pls|plz|hurry up and|go ahead and|try to|help "
    r"me(?: to)?|make "
    r"sure (?:to|you))\b[\s,]*|"
    r"(?:(?:would|could|will|can) you )?(?:please )?be (?:so (?:kind|good)|kind enough|"
    r"good enough)(?: as)?(?: to|,? and)\b\s*|"
    r"(?:can|could|would|will|cud|might)(?: you| u| ya| we| i)\b\s*(?:please|kindly|possibly|just|maybe|"
    r"perhaps)?\b[\s,]*"
    r"(?!have\b|do\b|be\b|is\b|see\b|find out\b)|"
    r"(?:i(?: would|'d|’d| should)?(?: really)? (?:like|want|need|wish)|i(?: have|'ve|’ve) (?:got )?to|i"
    r"(?:'ve|"
    r"’ve)? got to|i (?:gotta|wanna)|i(?:'ll|’ll| will) need)"
    r"(?: you)?(?: to)?(?: (?:know|find out|check|hear|learn|see|be told)(?= (?:wh|how|if)))?\b\s*|"
    r"(?:tell me|let me (?:know|hear|see)|inform me|show me|remind me|do you know|can you say|give me|"
    r"check|do you happen to know|(?:would you )?happen to know|could you (?:tell|say)|any idea|any clue|do "
    r"you remember)"
    r"(?=,? (?:wh[aeioy]|how |if ))[\s,]*|"
    r"(?:do you think )?you (?:could|can)\b\s*|is it possible (?:for you )?to\b\s*|"
    r"i(?: was|'m|’m| am) (?:wondering|hoping) (?:if|whether)(?: you| we)? (?:could|can|might)\b\s*|"
    r"(?:it would be (?:great|nice|good)|i(?:'d|’d| would) (?:appreciate it|be grateful)) if you "
    r"(?:could|would)\b\s*|"
    r"(?:is there )?any (?:chance|way) (?:that )?(?:you|we|i) (?:could|can|might)\b\s*|"
    r"do me a favou?r(?: and|,|:)\s*|"
    r"(?:when(?:ever)?|if|once) you (?:can|could|like|do(?:n't| not) mind|(?:get|have) (?:a )?(?:chance|"
    r"moment|minute|second|time)),\s*|"
    r"would it be (?:possible|ok|okay|all ?right)(?: for you)? (?:to|if (?:you|we|i))\b\s*|"
    r"i(?:'d|’d| would) (?:love|like|be (?:happy|glad)|be (?:so |very |really )?grateful|"
    r"really appreciate)(?: it)? if you"
    r"(?: could| can| would)?\b\s*|"
    r"(?:i|we) (?:must|shall|should|ought to|need(?: you)? to|have to|want(?: you)? to)\b\s*|"
    r"(?:may|might|could) i (?:ask|trouble|bother|beg) you to\b\s*|(?:please )?(?:to|you can)\b\s+(?=[a-z])|"
    r"i regret (?:that )?|it is (?:my|our) wish (?:that you |to )|"
    r"(?:gonna need you to|i'?m gonna need you to|i need to get you to|you wanna|you mind)\b\s*|"
    r"i(?:'m|’m| am) going to (?:need|want|have)(?: you)? to\b\s*|i think (?:you|we|i) should\b\s*|"
    r"you (?:should|must|need to|have to|may|might(?: want to)?)\b\s*|(?:please )?see if you (?:can|"
    r"could)\b\s*|"
    r"(?:why do(?:n't|n’t| not)|how about) you\b\s*|feel free to\b\s*|remember to\b(?! )|"
    r"let me know(?= (?:my|the)\b)\s*|"
    r"let(?:'|’)s\b\s*)*",
    re.I,
)  # fmt: skip
_MIND = re.compile(r"(?:(?:would|do) you )?mind (\w+ing)\b", re.I)
_TRAIL = re.compile(
    r"[\s,]*\b(?:please|pls|plz|(?<!no )(?<!say )(?<!saying )(?<!a )"
    r"(?:thanks(?: a lot| in advance)?|thank you(?: very much)?)|"
    r"cheers|ta|asap|"
    r"(?<!waiting )(?<!out )(?<!fine )(?<!okay )(?<!ok )(?<!good )(?<!works )(?<!work )(?<!suits )(?<!best "
    r")(?<!well )(?<!bad )(?<!perfect )(?<!possible )(?<!great )(?<!free )(?<!early )(?<!late )for me|if "
    r"(?:you can|possible|you would|that is ok|that's ok|you do(?:n't|n’t|"
    r" not) mind|you get a chance|"
    r"you have time)|when(?:ever)? you (?:can|get a (?:chance|minute|moment)|have (?:time|a (?:moment|"
    r"minute)))|"
    r"at your (?:earliest )?convenience|as soon as (?:possible|you can)|real quick|many thanks|"
    r"much appreciated|if i may(?: ask)?|if it (?:is no|isn['’]?t (?:too much )?)(?:trouble|bother)|"
    r"if it['’]?s not too much (?:trouble|bother)|if you(?: would|['’]d) be so kind|if it pleases you|"
    r"there['’]s a (?:good|dear) \w+|mate|bro|dude|pronto|at once|straight ?away|right away|"
    r"(?<!to )(?<!tell )(?<!say )(?:ty|tnx|tks|thx)|super quick|"
    r"i(?:'d|’d| would) appreciate (?:it|that)|(?:(?:would|will|could|can|won['’]t) ?ya|(?:would|will|"
    r"could|can|won['’]t) (?:you|u))|right\?|okay\?|"
    r"ok\?)(?<=[\w?])"
    r"[\s,.!?]*$",
    re.I,
)
_FOR_ME = re.compile(
    r"^(?P<lead>(?:tell|thank|ask|inform|warn|remind|congratulate|"
    r"(?:apologi[sz]e|write|say \w+|reply|send \w+) to)\s+[^\s,:]+(?:\s+[A-Z][^\s,:]*)?)"
    r"\s+(?:for me|on my behalf|in my name)(?=[\s,:])",
    re.I,
)
_TAIL = 16
"""Characters at the end of a wish that a date may have."""
_DATE = re.compile(r"\bon (?:the )?(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])$", re.I)
_VERBS = {
    "moving": "move", "cancelling": "cancel", "canceling": "cancel", "booking": "book", "sending": "send",
    "scheduling": "schedule", "forwarding": "forward", "replying": "reply", "drafting": "draft",
    "writing": "write", "summarising": "summarise", "summarizing": "summarize", "finding": "find",
    "pausing": "pause", "postponing": "postpone", "rescheduling": "reschedule", "arranging": "arrange",
    "setting": "set", "telling": "tell", "showing": "show", "asking": "ask", "putting": "put",
    "giving": "give", "pushing": "push", "shifting": "shift", "changing": "change", "making": "make",
    "adding": "add", "inviting": "invite", "getting": "get", "letting": "let", "blocking": "block",
    "reserving": "reserve", "holding": "hold", "dropping": "drop", "shortening": "shorten",
    "extending": "extend", "passing": "pass", "accepting": "accept", "declining": "decline",
    "preparing": "prepare", "mailing": "mail", "emailing": "email", "skipping": "skip",
    "removing": "remove", "deleting": "delete", "listing": "list", "informing": "inform",
    "bringing": "bring", "summing": "sum", "clearing": "clear", "delaying": "delay",
}  # fmt: skip
_FRONT = re.compile(
    r"^(?:the|a|an|my|our|this|that|about|on|regarding|for|of|with|in|at|to|from|and|its|re|vs|versus|"
    r"regarding|concerning)\s+",
    re.I,
)
_BACK = re.compile(
    r"\s+(?:and|with|for|on|at|in|from|to|by|since|until|before|after|between|the|of|as|my|our|about|or|"
    r"vs\.?|versus|against|than|"
    r"compared|regarding|concerning|re)$",
    re.I,
)
_MARKS = " \n.,;:!?“”\"'«»"


def strip_politeness(text: str) -> str:
    """The wish without what is said for courtesy in front of it, or of who speaks ("tell Bo for me that")."""
    text = text[m.end() :] if (m := _POLITE.match(text)) else text
    if (m := _MIND.match(text)) and (verb := _VERBS.get(m.group(1).lower())):
        text = verb + text[m.end() :]
    return _FOR_ME.sub(r"\g<lead>", text)


def strip_thanks(text: str) -> str:
    """The wish without courtesy and marks behind it; a question mark stays."""
    while (shorter := _bare(_TRAIL.sub("", text))) != text:
        text = shorter
    return text


def _bare(text: str) -> str:
    """Without marks at its end; the dot of "on 3.12." belongs to the date."""
    shorter = text.rstrip(" \n.!,")
    return f"{shorter}." if _DATE.search(shorter[-_TAIL:]) and text.startswith(f"{shorter}.") else shorter


def tidy(text: str) -> str:
    """A phrase on one line without articles, joining words and marks at its ends."""
    text = " ".join(text.split()).strip(_MARKS)
    while (shorter := _BACK.sub("", _FRONT.sub("", text)).strip(_MARKS)) != text:
        text = shorter
    return "" if _FRONT.fullmatch(f"{text} ") else text


def without_ends(text: str, noise: AbstractSet[str], behind: AbstractSet[str] | None = None) -> str:
    """A phrase without the words of `noise` in front and (else `behind`) at its end; tidied."""
    words = tidy(text).split()
    while words and words[0].lower().strip(_MARKS) in noise:
        words.pop(0)
    while words and words[-1].lower().strip(_MARKS) in (noise if behind is None else behind):
        words.pop()
    return tidy(" ".join(words))


def sentence(text: str) -> str:
    """With a capital at its beginning, unless its first word is written in a way of its own."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    return (
        f"{text[:1].upper()}{text[1:]}"
        if re.sub(r"['’]", "", first).strip(_MARKS).isalpha() and first.islower()
        else text
    )


def shorter(text: str, most: int = 60) -> str:
    """The first words of a text, at most so many characters."""
    line = " ".join(text.split())
    first = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].rstrip(".")
    if len(first) <= most:
        return first
    cut = first[:most]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut else cut}…"


def without_words(head: str, begin: int, end: int, spans: list[tuple[int, int]]) -> str:
    """A part of a wish without some places in it; tidied."""
    text, at = "", begin
    for first, last in sorted(spans):
        if first >= at:
            text += head[at:first] + " "
            at = last
    return tidy(text + head[at:end])
