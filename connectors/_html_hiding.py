"""What of an HTML mail its reader does not see: hidden, without size, moved away, coloured as its ground.

Told from the element's own style, its attributes and the simple rules of its style sheets; a browser knows
more. Where the ground is not sure (an image, a rule we do not follow), text is taken for visible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Colour = tuple[int, int, int]

INK: Colour = (0, 0, 0)
GROUND: Colour = (255, 255, 255)

_COMMENT = re.compile(r"/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|$)")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.S)
_PROPERTY = re.compile(r"(?:^|;)\s*([a-z-]{2,40})\s*:\s*([^;]{0,400})", re.I)
_NUMBER = re.compile(r"^\s*(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*([a-z%]*)", re.I)
_FAR = {"px": 400.0, "pt": 300.0, "em": 40.0, "rem": 40.0, "%": 100.0, "vw": 100.0, "vh": 100.0, "": 400.0}
_TINY = {"px": 2.0, "pt": 1.5, "em": 0.15, "rem": 0.15, "%": 15.0, "": 0.0}
_FILTERED = re.compile(r"opacity\(\s*([^)\s]{1,20})\s*\)")
_LONGEST = 20_000
_ALIKE = 12
"""Colours that differ by no more than that in any part are one to an eye."""
_NAMES: Mapping[str, Colour] = {
    "white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255), "floralwhite": (255, 250, 240), "whitesmoke": (245, 245, 245),
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "navy": (0, 0, 128),
}  # fmt: skip


def properties(style: str) -> dict[str, str]:
    """The properties of a style by name, the last of a name; comments and escapes read (CSS Syntax 3)."""
    plain = _ESCAPE.sub(_unescaped, _COMMENT.sub("", style[:_LONGEST]))
    return {
        m[1].lower(): m[2].lower().replace("!important", "").strip() for m in _PROPERTY.finditer(plain)
    }  # fmt: skip


def hides(style: Mapping[str, str]) -> bool:
    """Whether these properties take an element out of sight, whatever stands around it."""
    get = style.get
    if get("display") == "none" or get("visibility") in ("hidden", "collapse") or get("mso-hide") == "all":
        return True
    if _at_most(get("opacity", ""), {"": 0.05, "%": 5.0}) or _at_most(get("font-size", ""), _TINY):
        return True
    if any(_at_most(share, {"": 0.05, "%": 5.0}) for share in _FILTERED.findall(get("filter", ""))):
        return True
    if _at_most(get("max-height", ""), {"": 0.0, "px": 0.0}) or _at_most(
        get("max-width", ""), {"": 0.0, "px": 0.0}
    ):
        return True
    clipped = get("overflow", get("overflow-y", get("overflow-x", ""))) in ("hidden", "clip")
    if clipped and (_at_most(get("height", ""), _TINY) or _at_most(get("width", ""), _TINY)):
        return True
    if get("position") in ("absolute", "fixed") and any(
        _away(get(n, "")) for n in ("left", "top", "right", "bottom")
    ):
        return True
    if any(_away(get(n, "")) for n in ("text-indent", "margin-left", "margin-top")):
        return True
    clip = (get("clip", "") + get("clip-path", "")).replace(" ", "")
    if re.match(r"rect\((?:[01](?:px)?[,)]){2}|inset\((?:[5-9]\d|100)%|circle\(0", clip):
        return True
    return bool(
        re.search(r"scale[xy]?\(\s*0(?:\.0+)?\s*[,)]|translate[xy]?\([^)]*-\d{4}", get("transform", ""))
    )


def ink_of(style: Mapping[str, str], given: Mapping[str, str], before: Colour | None) -> Colour | None:
    """The colour of the text in an element; None: it has none."""
    said = style.get("color") or given.get("color", "").lower()
    if said == "transparent" or re.match(r"(?:rgba|hsla)\(.*[,/]\s*0?\.?0*%?\s*\)$", said):
        return None
    return _colour(said) or before


def ground_of(style: Mapping[str, str], given: Mapping[str, str], before: Colour | None) -> Colour | None:
    """The colour behind an element; None: it is not known."""
    said = style.get("background-color") or style.get("background") or given.get("bgcolor", "").lower()
    if "background-image" in style or "background" in given or re.search(r"url\(|gradient", said):
        return None
    if not said or said in ("transparent", "none", "inherit", "initial"):
        return before
    return next((c for word in [said, *said.split()] if (c := _colour(word))), None)


def same(ink: Colour | None, ground: Colour | None) -> bool:
    """Whether text of a colour cannot be seen on a ground."""
    if ink is None:
        return True
    return ground is not None and all(abs(a - b) <= _ALIKE for a, b in zip(ink, ground, strict=True))


@dataclass(slots=True)
class Sheet:
    """The style sheets so far. Followed are rules for a tag, a class or an id alone."""

    rules: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Properties by `tag`, `.class`, `#id`."""
    unsure: set[str] = field(default_factory=set[str])
    """What some other rule may give a ground or a colour."""

    def read(self, sheet: str) -> None:
        """Take in the rules of a sheet. Those for some screens (inside `@media`) are not followed."""
        depth, selector = 0, ""
        for piece in re.split(r"([{}])", _COMMENT.sub("", sheet[:200_000])):
            if piece == "{":
                depth += 1
            elif piece == "}":
                depth = max(0, depth - 1)
            else:
                if depth and ":" in piece:
                    self._rule(selector.lower(), properties(piece), followed=depth == 1)
                selector = piece.rpartition(";")[2].strip()

    def _rule(self, selectors: str, style: Mapping[str, str], *, followed: bool) -> None:
        for one in selectors.split(","):
            alone = _ALONE.fullmatch(one.strip())
            if followed and alone:
                self.rules.setdefault(alone[2] or alone[1], {}).update(style)
            elif any(n.startswith("background") or n == "color" for n in style):
                self.unsure.update(_NAME.findall(one))

    def style(self, tag: str, given: Mapping[str, str]) -> dict[str, str]:
        """The properties of an element: those of its rules, then its own."""
        own = properties(given.get("style", ""))
        if not self.rules:
            return own
        return {n: v for name in _names(tag, given) for n, v in self.rules.get(name, {}).items()} | own

    def is_unsure(self, tag: str, given: Mapping[str, str]) -> bool:
        """Whether a rule that is not followed may give such an element a colour or a ground."""
        return not self.unsure.isdisjoint(_names(tag, given))


_ALONE = re.compile(r"([a-z][a-z0-9]*)?([.#][\w-]+)?(?<=.)")
_NAME = re.compile(r"[.#]?[\w-]+")


def _names(tag: str, given: Mapping[str, str]) -> list[str]:
    classes = [f".{c.lower()}" for c in given.get("class", "").split()]
    return [tag, *classes, f"#{given.get('id', '').strip().lower()}"]


def _unescaped(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2] or ""
    code = int(match[1], 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _at_most(said: str, most: Mapping[str, float]) -> bool:
    found = _NUMBER.match(said)
    if found is None:
        return False
    size = abs(float(found[1]))
    return size == 0 or size <= most.get(found[2].lower(), 0.0)


def _away(said: str) -> bool:
    found = _NUMBER.match(said)
    return found is not None and float(found[1]) <= -_FAR.get(found[2].lower(), 1e9)


def _colour(said: str) -> Colour | None:
    said = said.strip()
    if said in _NAMES:
        return _NAMES[said]
    if found := re.fullmatch(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", said):
        digits = found[1] if len(found[1]) > 4 else "".join(c * 2 for c in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := re.match(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})", said):
        return int(found[1]), int(found[2]), int(found[3])
    return None
