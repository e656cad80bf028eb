"""Words as they are compared: split, without stop words, and cut to a stem that is good enough.

Nothing here is shown to anybody; what is shown are the author's own words.
"""

from __future__ import annotations

import re


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['’.,:/-][^\W_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST = 40

_STOP = _set(
    # English
    """
    a about after again all also am an and any anything are aren't as at be because been before
    being both but by can can't cannot could did do does doesn't doing don't done during each etc
    even every everybody everyone few for from further get gets getting go got had has have having
    he her here hers him his how however i i'd i'll i'm i've if in into is isn't it it's its itself
    just know let let's like lot made make many may me might mine more most much must my no nor not
    now of off oh ok okay on once one only or other our ours out over own per please quite rather
    really regarding said same say says see shall she should so some still such take tell than thank
    thanks that that's the their theirs them then there these they thing things think this those
    though through to too under until up upon us very want was way we we'd we'll we're we've well
    were what what's when where whether which while who whom whose why will with within without
    won't would yes yet you you'd you'll you're you've your yours hi hello hey dear regards best
    cheers
    """
    # Others: only what is frequent enough to pass for a topic.
    + """
    aber als am an auch auf aus bei bis bitte da das dass dem den der des die dies diese dieser du
    durch ein eine einem einen einer es euch für haben hat ich ihr im in ist ja kann können mit nach
    nicht noch nur oder schon sich sie sind so und uns unter vom von vor war was wenn wer wie wir
    wird wo zu zum zur au aux avec ce ces cette c'est dans de des du elle en est et il ils je la le
    les leur lui mais me même merci nous on ou où par pas pour qu que qui sa se ses son sont sur un
    une vous à été al como con cuando de del desde el ella en entre era es esta este gracias hay la
    las lo los más muy no nos o para pero por que se sin sobre su sus también un una y ya che della
    di il non per sono una het een van niet ik je dat voor met zijn och att det som jag inte på
    """
)

_IRREGULAR = {
    "sent": "send", "paid": "pay", "met": "meet", "chose": "choose", "chosen": "choose", "bought": "buy",
    "sold": "sell", "wrote": "write", "written": "write", "took": "take", "taken": "take", "gave": "give",
    "given": "give", "held": "hold", "led": "lead", "left": "leave", "began": "begin", "begun": "begin",
    "spoke": "speak", "spoken": "speak", "won": "win", "lost": "lose", "built": "build", "spent": "spend",
    "came": "come", "ran": "run", "drew": "draw", "knew": "know", "people": "person", "men": "man",
}  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a text in order, lower case; Chinese, Japanese and Korean in pairs of characters."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match[0].casefold().replace("’", "'")
        if _CJK.search(word):
            found += [word[i : i + 2] for i in range(max(1, min(len(word), 400) - 1))]
        elif any(c in word for c in "/-") and not word[0].isdigit():
            found += [w for w in re.split(r"[/-]", word) if w]
        else:
            found.append(word)
    return found


def stem(word: str) -> str:
    """A word cut so that most of its forms are equal ("plans", "planned"), if not all ("approval")."""
    if word[0].isdigit():
        return word.replace(",", "").removesuffix(".")
    word = word.removesuffix("'s")[:_LONGEST]
    word = _IRREGULAR.get(word, word)
    for ending, least, instead in (
        ("ies", 5, "y"), ("sses", 6, "ss"), ("ing", 6, ""), ("ment", 7, ""), ("ed", 5, ""), ("ion", 7, ""),
        ("ly", 6, ""), ("es", 5, "e"), ("s", 4, ""),
    ):  # fmt: skip
        if len(word) >= least and word.endswith(ending):
            if ending == "s" and word.endswith(("ss", "us", "is")):
                break
            word = word[: -len(ending)] + instead
            if ending in {"ing", "ed"} and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def content(text: str) -> list[str]:
    """The stems of the words that say something, in order."""
    return [stem(w) for w in words(text) if w not in _STOP and (len(w) > 1 or w.isdigit() or _CJK.match(w))]


def squash(text: str) -> str:
    """A text with every run of white space as one space."""
    return " ".join(text.split())
