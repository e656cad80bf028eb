"""Sources. The folder is the registry: `kind = "maildir"` means `connectors/maildir.py`."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

from deskhand.connectors.errors import Misconfigured

if TYPE_CHECKING:
    from deskhand.connectors.base import Connector, Renew

_NOT_A_SOURCE = {
    "archive", "base", "database", "errors", "health", "itip", "marks", "migrations", "model", "occurrences",
    "operations", "sync", "tables", "threads",
}  # fmt: skip


_OURS = {"source", "state", "renew"}
"""What `connect` of a source is given beside its options."""

_OF_ALL = ("at_once", "local_only")
"""Options of every source that are read before one is connected; named where somebody asks what there is."""


def kinds() -> list[str]:
    """Names of all sources that ship with this installation."""
    return [*_kinds()]


@cache
def _kinds() -> tuple[str, ...]:
    """Looked up once: it is asked for many times in each run, and a folder of modules does not change."""
    names = (m.name for m in iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(sorted(name for name in names if name not in _NOT_A_SOURCE))


def options(kind: str) -> dict[str, inspect.Parameter]:
    """The options a kind of source takes, by name, as its `connect` declares them."""
    signature = inspect.signature(import_module(f"{__name__}.{_known(kind)}").connect)
    return {n: p for n, p in signature.parameters.items() if n not in _OURS}


def connect(kind: str, *, source: str, state: Path, renew: Renew | None = None, **given: object) -> Connector:
    """Open the source of this kind under an alias.

    :param renew: of the secret that its sign-in is; handed to those that take it.

    :raises Misconfigured: unknown kind or option, or a place that cannot work; says what to do.
    """
    from deskhand.connectors._chosen import OPTIONS, Choice, Chosen

    known = options(kind)
    # What a source cannot choose by itself is chosen for it.
    ours = {n: given.pop(n) for n in OPTIONS if n in given and n not in known}
    for name in given:
        if name not in known:
            all_ = [*(n for n in dict.fromkeys((*known, *OPTIONS, *_OF_ALL)) if n != "place")]
            hint = _nearest(name, all_)
            raise Misconfigured(f"{kind} has no option {name!r}{hint}; it takes: {', '.join(all_)}.")
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in given:
            raise Misconfigured(f"{kind} needs the option {name!r}.")
    module = import_module(f"{__name__}.{kind}")
    if "renew" in inspect.signature(module.connect).parameters:
        given["renew"] = renew
    choice = Choice.of(ours)
    made = cast("Connector", module.connect(source=source, state=state, **given))
    return made if choice == Choice() else Chosen(made, choice)


def holds(kind: str) -> frozenset[str]:
    """Kinds of items that live in such a source, as its module's `HOLDS` says."""
    return frozenset(getattr(import_module(f"{__name__}.{_known(kind)}"), "HOLDS", ()))


def is_local(kind: str) -> bool:
    """Whether such a source is on this machine, as its module's `LOCAL` says: to ask it costs nobody
    anything."""
    return bool(getattr(import_module(f"{__name__}.{_known(kind)}"), "LOCAL", False))


def fit(kind: str, place: str, *, user: str = "") -> None:
    """Look whether such a source can be at a place at all, as its module's `PLACE` says.

    :raises Misconfigured: it cannot; names the kind that it is a place for.
    """
    from deskhand.connectors._fitting import check

    check(kind, place, wants=_places(kind), holds=holds(kind), user=user)


def resolved(kind: str, place: str) -> str:
    """A place as it is kept: a path in full, an account or an address as it is."""
    from deskhand.connectors._fitting import is_account

    there = not place or "://" in place or is_account(place) or _places(kind) == ("account",)
    return place if there else os.path.abspath(os.path.expanduser(place))


def tells(kind: str) -> bool:
    """Whether the server of such a calendar writes by itself to those in an event that we change, as its
    module's `TELLS` says: no mail of ours goes to them too."""
    return kind in kinds() and bool(getattr(import_module(f"{__name__}.{kind}"), "TELLS", False))


def settled(kind: str, place: str, given: Mapping[str, object]) -> dict[str, str]:
    """Options that were not given and can be found out (the module's `settle`); it may ask the network.

    :raises Misconfigured: they cannot be found, and the source cannot do without.
    """
    settle = getattr(import_module(f"{__name__}.{_known(kind)}"), "settle", None)
    return dict(settle(place, given)) if settle else {}


def secret(kind: str) -> tuple[str, ...]:
    """The options of which such a source needs one, kept as a secret; none: it needs none."""
    return tuple(getattr(import_module(f"{__name__}.{_known(kind)}"), "SECRET", ()))


def sign_in(kind: str, given: Mapping[str, object] = {}) -> tuple[str, str] | None:
    """Whom one signs in to for such a source, and to what there (the module's `SIGN_IN`); None: nobody.

    :param given: its options: some want more to be allowed (`SIGN_IN_FOR`, by option).
    """
    module = import_module(f"{__name__}.{_known(kind)}")
    told: tuple[str, str] | None = getattr(module, "SIGN_IN", None)
    for option, service in getattr(module, "SIGN_IN_FOR", {}).items():
        if told is not None and given.get(option):
            return told[0], service
    return told


def family(name: str) -> dict[str, str]:
    """The kinds of sources that one sign-in serves, and what each is there: `{"gmail": "gmail", ...}`."""
    found = {kind: sign_in(kind) for kind in kinds()}
    return {kind: told[1] for kind, told in found.items() if told is not None and told[0] == name}


def renewed(
    name: str, kept: str, address: str, wanted: Mapping[str, bool], *, client: str,
    show: Callable[[str], None], again: bool = False, device: bool = False,
) -> str:  # fmt: skip
    """Have the person sign in, where what is `kept` of an account does not suffice; what is to be kept now.

    :param device: by a code that is typed in on another machine.
    :param client: by which the provider knows the program that asks; "": as at the earlier sign-in.
    :param name: whom to sign in to. :param wanted: what there, and whether it is to be written with.
    :param show: given the address to open in a browser. :raises SourceError: see `_google_signin.renewed`.
    """
    module = import_module(f"{__name__}._{name}_signin")
    return str(module.renewed(kept, address, wanted, client=client, show=show, again=again, device=device))


def _places(kind: str) -> tuple[str, ...]:
    return tuple(getattr(import_module(f"{__name__}.{_known(kind)}"), "PLACE", ()))


def describe() -> dict[str, str]:
    """One line about each kind: the first line of its module's docstring."""
    return {k: (import_module(f"{__name__}.{k}").__doc__ or "").partition("\n")[0] for k in kinds()}


def _known(kind: str) -> str:
    if kind not in kinds():
        raise Misconfigured(
            f"There is no kind of source called {kind!r}{_nearest(kind, kinds())}; "
            f"known: {', '.join(k for k in kinds() if k != 'memory')}."
        )
    return kind


def _nearest(word: str, words: list[str]) -> str:
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""
