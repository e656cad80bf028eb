"""Words that tell nothing by themselves, and what words of one root have in common."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.phrases import words

COMMON = words(
    """
    a an the this that these those and or but nor so then also too as of in on at to for from by with about
    into
    onto up down out off over under between before after since until till during within without than i me
    my mine
    we us our you your he him his she her it its they them their who whom whose which what when where why
    how is are
    am was were be been being do does did done have has had having will would shall should can could may
    might must
    not no yes if unless whether while there here now please thanks thank just only even ever still yet
    already some
    any each every all both more most much many few less least other another same own one two ones ok okay
    hey hi
    hello kindly let lets let's like need want wish get got give make made go going take put let see know
    tell show say
    send time again back very really quite bit little few lot maybe perhaps possible possibly able sure
    able i'd i'll
    i'm i've we'd we'll don't dont can't cant couldn't um uh so well right asap today tonight regarding
    concerning
    around re etc through via per once soon quickly thing things stuff something anything everything
    someone anyone
    everyone deskhand new good great nice best kind chance mind wonder wondering appreciate help could
    """
)
COMMON |= words(
    "three four five six seven eight nine ten outside latest earliest soonest minimum maximum optional break "
    "except ideally preferably preferred optional optionally never avoid avoiding sometime instead "
    "whole entire works work better sooner earlier later subject tl dr html markdown md tell folder file "
    "apart aside early soon room rooms forward called named titled date "
    "each others enough shorter longer telling informing notifying anybody anyone nobody"
)
_STEM = re.compile(r"(?:ies|ing|ed|es|s|e|y|ly)$")


def stem(word: str) -> str:
    """What a word has in common with its other forms: "meetings" and "meeting" are "meet"."""
    low = word.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    return _STEM.sub("", low) if len(low) > 4 else low
