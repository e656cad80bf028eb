"""The policy as data: the rows of policy.toml, and what a person may set in them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from deskhand.config.errors import ConfigError, nearest

Outcome = Literal["allow", "ask", "deny"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""From the mildest to the strictest."""

_REQUIRED = frozenset({"id", "operations", "then", "why", "from"})
_KNOWN = _REQUIRED | {"when", "means", "loosen", "loosened", "numbers", "most"}
_LISTS, _TABLES = frozenset({"operations", "when"}), frozenset({"numbers", "most"})
_EACH = "{operation}"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: for these operations, where all the conditions hold, this is what happens."""

    id: str
    operations: tuple[str, ...]
    """Names, or patterns as of file names."""
    then: Outcome
    why: str
    """For the person; braces hold a number of the row, or what the conditions know of the case."""
    when: tuple[str, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict[str, int])
    """So many go through; a lower one is always stricter."""
    means: str = ""
    """The row in the table, where `why` needs a case."""
    rests_on: str = ""
    """What of the threat model it holds up."""
    loosen: Outcome = "deny"
    """The mildest outcome that a person may set; nothing milder than `then` where it is not said."""
    loosened: str = ""
    """Why, once a person set it to something milder."""
    most: Mapping[str, int] = field(default_factory=dict[str, int])
    """How high a person may set a number; not above its own value where it is not said."""
    shipped: Row | None = None
    """The row as it comes, where a person's setting changed it."""

    def about(self, operation: str) -> bool:
        """Whether it is about an operation of this name."""
        return any(fnmatchcase(operation, pattern) for pattern in self.operations)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a person set in a row: another outcome, other numbers."""

    then: Outcome | None = None
    numbers: Mapping[str, int] = field(default_factory=dict[str, int])


def shipped() -> tuple[Row, ...]:
    """The rows that come with Deskhand, in their order. :raises ConfigError: the file is damaged."""
    from importlib.resources import files

    return rows_in(files("deskhand.config").joinpath("policy.toml").read_text("utf-8"))


def rows_in(text: str) -> tuple[Row, ...]:
    """The rows of a table in TOML, one for each operation where a row says so.

    :raises ConfigError: names the row, what is wrong in it, and what to do.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"policy.toml cannot be read ({error}); install Deskhand anew.") from None
    rows = [made for number, one in enumerate(found.get("row", ()), 1) for made in _read(one, number)]
    names = [r.id for r in rows]
    if twice := next((n for n in names if names.count(n) > 1), ""):
        raise ConfigError(f"policy.toml: two rows are called {twice!r}; call one of them otherwise.")
    for at, row in enumerate(rows):
        if row.numbers and (milder := _stricter_behind(row, rows[at + 1 :])):
            raise ConfigError(
                f"policy.toml, row {row.id!r}: what its number lets through meets {milder!r} behind it, "
                "which is stricter; put that one in front."
            )
    return tuple(rows)


def settled(rows: Sequence[Row], settings: Mapping[str, Setting]) -> tuple[Row, ...]:
    """The rows as a person set them.

    A row that was at least as strict as one behind it, about the same operation, stays so when that one is
    made stricter: where `mail.trash` never happens, `mail.trash many` does not ask. What a person made milder
    stays.

    :raises ConfigError: there is no such row, or it may not be set so; see `fault`.
    """
    for id_, setting in settings.items():
        if wrong := fault(rows, id_, setting):
            raise ConfigError(wrong)
    own = {row.id: settings.get(row.id, Setting()) for row in rows}
    thens = {row.id: own[row.id].then or row.then for row in rows}
    stricter = [(n, row) for n, row in enumerate(rows) if _rank(thens[row.id]) > _rank(row.then)]
    made = []
    for at, row in enumerate(rows):
        then = thens[row.id]
        if _rank(then) >= _rank(row.then):
            guarded = (thens[behind.id] for n, behind in stricter if n > at and _guards(row, behind))
            then = max([then, *guarded], key=_rank)
        made.append(_set(row, then, own[row.id].numbers))
    return tuple(made)


def fault(rows: Sequence[Row], id_: str, setting: Setting) -> str:
    """What is wrong with a person's setting of a row, with what to do; "" where nothing is."""
    row = next((r for r in rows if r.id == id_), None)
    if row is None:
        hint = nearest(id_, [r.id for r in rows])
        return f"the policy has no row {id_!r}{hint}. All of them: deskhand policy."
    if setting.then is not None and _rank(setting.then) < _rank(mildest(row)):
        may = " or ".join(repr(o) for o in OUTCOMES[_rank(mildest(row)) :])
        return f"{id_!r} may be set to {may}, not to {setting.then!r}: nothing milder is safe here."
    for name, number in setting.numbers.items():
        if name not in row.numbers:
            has = f"it has: {', '.join(row.numbers)}" if row.numbers else "it counts nothing"
            return f"{id_!r} has no number {name!r}{nearest(name, list(row.numbers))}; {has}."
        if number > (most := row.most.get(name, row.numbers[name])):
            return f"{name!r} of {id_!r} may be {most} at the most, not {number}."
    return ""


def mildest(row: Row) -> Outcome:
    """The mildest outcome that a person may set in a row as it comes."""
    return min(row.then, row.loosen, key=_rank)


def _set(row: Row, then: Outcome, numbers: Mapping[str, int]) -> Row:
    made = replace(row, then=then, numbers={**row.numbers, **numbers})
    if made == row:
        return row
    why = row.why
    if _rank(then) < _rank(row.then):
        why = row.loosened or "your settings let it go ahead"
    elif then != row.then:
        # Why it would go ahead is no reason for stopping it.
        why = _STRICTER[then] if row.then == "allow" else f"{row.why}; {_STRICTER[then]}"
    return replace(made, why=why, shipped=row)


_STRICTER: Mapping[Outcome, str] = {"ask": "your settings say to ask", "deny": "your settings say never"}


def _guards(row: Row, behind: Row) -> bool:
    """Whether a row is at least as strict as one behind it about the same operation."""
    return bool({*row.operations} & {*behind.operations}) and _rank(behind.then) <= _rank(row.then)


def _rank(outcome: Outcome) -> int:
    return OUTCOMES.index(outcome)


def _stricter_behind(row: Row, behind: Sequence[Row]) -> str:
    """A stricter row behind one with a number: a lower number would let that row decide less often."""
    alike = (b for b in behind if {*row.operations} & {*b.operations})
    return next((b.id for b in alike if not _guards(row, b)), "")


def _read(one: Mapping[str, Any], number: int) -> list[Row]:
    """The rows that an entry of the table makes."""
    called = f"policy.toml, row {one.get('id') or number!r}"
    if lacks := sorted(_REQUIRED - {k for k in one if one[k]}):
        raise ConfigError(f"{called}: {lacks[0]!r} is missing; write it.")
    if more := sorted(one.keys() - _KNOWN):
        raise ConfigError(f"{called}: there is no {more[0]!r}{nearest(more[0], sorted(_KNOWN))}.")
    for name, value in one.items():
        wanted: type = list if name in _LISTS else dict if name in _TABLES else str
        if not isinstance(value, wanted):
            said = "a list" if wanted is list else "a table" if wanted is dict else "text"
            raise ConfigError(f"{called}: {name!r} must be {said}.")
    for name in ("then", "loosen"):
        if one.get(name, "ask") not in OUTCOMES:
            raise ConfigError(f"{called}: {name!r} must be allow, ask or deny, not {one[name]!r}.")
    numbers, most = one.get("numbers", {}), one.get("most", {})
    if bad := [n for n, k in {**numbers, **most}.items() if type(k) is not int or k < 0]:
        raise ConfigError(f"{called}: {bad[0]!r} must be a whole number, 0 or more.")
    if bad := [n for n, k in most.items() if k < numbers.get(n, k + 1)]:
        raise ConfigError(f"{called}: 'most' has {bad[0]!r}, but 'numbers' has none or a higher one.")
    row = Row(
        id=one["id"], operations=tuple(one["operations"]), then=one["then"], why=one["why"],
        when=tuple(one.get("when", ())), numbers=numbers, means=one.get("means", ""), rests_on=one["from"],
        loosen=one.get("loosen", one["then"]), loosened=one.get("loosened", ""), most=most,
    )  # fmt: skip
    if _EACH not in row.id:
        return [row]
    return [replace(row, id=row.id.replace(_EACH, op), operations=(op,)) for op in row.operations]
