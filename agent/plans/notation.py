"""What operations take and give, written shortly: for models that plan, and for the page that lists them.

`{slots: [FreeTime], room?: text, until: time or null}`: a name with `?` may be missing, a capital is a shape
that is written out once, beside: `NotedEvent = Event and {notes: [text]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deskhand.agent.actions._shapes import Has
from deskhand.agent.plans.kinds import ANY, Kind, Many, OneOf, Row, Table, is_record, parts_of, short_name


def written(model: Any) -> str:
    """A model, with the kind of each of its names."""
    return _parts(parts_of(model))


def definitions(models: Iterable[Any], *, named: Iterable[Any] = ()) -> dict[str, str]:
    """`shapes`, each written out; what one has of another is not said again."""
    made = shapes(models, named=named)
    return {name: _defined(shape, made) for name, shape in made.items()}


def _defined(shape: Any, among: Mapping[str, Any]) -> str:
    base = next((b for b in shape.__mro__[1:] if among.get(b.__name__) is b), None)
    if base is None:
        return written(shape)
    had = parts_of(base)
    more = {n: part for n, part in parts_of(shape).items() if had.get(n) != part}
    return f"{base.__name__} and {_parts(more)}"


def short(kind: Kind) -> str:
    """A kind in a word or two; the shapes in it by their names."""
    if kind == ANY:
        return "anything"
    said = list(dict.fromkeys(_short(t) for t in kind.types))
    return " or ".join([*said, *(["null"] if kind.null else [])])


def shapes(models: Iterable[Any], *, named: Iterable[Any] = ()) -> dict[str, Any]:
    """The shapes that are named inside of models, and inside of those, by name; and those `named` anyway.

    :raises ValueError: two of them have one name.
    """
    found = {one.__name__: one for one in named}
    left, seen = [*models, *found.values()], set[Any]()
    while left:
        for kind, _ in parts_of(left.pop()).values():
            for one in _inside(kind):
                if found.setdefault(one.__name__, one) is not one:
                    raise ValueError(f"two shapes are called {one.__name__}")
                left += [one] if one not in seen else []
                seen.add(one)
    return dict(sorted(found.items()))


def _parts(parts: Mapping[str, tuple[Kind, bool]]) -> str:
    each = (f"{n}{'' if there else '?'}: {short(k)}" for n, (k, there) in parts.items())
    return f"{{{', '.join(each)}}}"


def _inside(kind: Kind) -> Iterable[Any]:
    for type_ in kind.types:
        match type_:
            case Many(of) | Table(of):
                yield from _inside(of)
            case Row(of):
                for one in of:
                    yield from _inside(one)
            case _ if is_record(type_) and parts_of(type_):
                yield type_


def _short(type_: Any) -> str:
    match type_:
        case Many(of):
            return f"[{short(of)}]" if of != ANY else "list"
        case Row(of):
            return f"[{', '.join(map(short, of))}]"
        case Has(names):
            return f"{{{', '.join(names)}, ...}}"
        case Table(of):
            return "object" if of == ANY else f"{{...: {short(of)}}}"
        case OneOf(of):
            return "|".join(f'"{v}"' if isinstance(v, str) else str(v) for v in of)
    if is_record(type_):
        return str(type_.__name__) if parts_of(type_) else "{}"
    return short_name(type_)
