"""Labels of several values as plain JSON: as they are kept and signed, and as a person is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from deskhand.connectors.model import Item, ItemRef, Label

_LABEL = TypeAdapter(Label)


def plain(labels: Mapping[str, Label]) -> dict[str, Any]:
    """Labels as JSON: a class would be lost in a checkpoint, in silence."""
    return {name: _plain(label) for name, label in labels.items()}


def labels_from(plain_labels: Mapping[str, Any]) -> dict[str, Label]:
    """Labels from their JSON."""
    return {name: _LABEL.validate_python(value) for name, value in plain_labels.items()}


def told(
    plain_labels: Mapping[str, Any], look_up: Callable[[ItemRef], Item | None]
) -> dict[str, dict[str, Any]]:
    """Labels as they are shown: {"trust", "from": [{source, kind, id, author, title}], "readers", "via"}.

    What a kept label lacks counts as the worst: untrusted, for nobody but the owner.
    :param look_up: the item of an origin, where it is still known; who wrote it is left out else.
    """
    made: dict[str, dict[str, Any]] = {}
    for name, label in labels_from(plain_labels).items():
        readers = "public" if label.readers is None else list(label.readers)
        origins = [_origin(origin, look_up) for origin in label.origins]
        made[name] = {"trust": label.trust, "from": origins, "readers": readers, "via": list(label.via)}
    return made


def _origin(origin: str, look_up: Callable[[ItemRef], Item | None]) -> dict[str, str]:
    try:
        ref = ItemRef.parse(origin)
    except ValueError:
        return {"id": origin}  # an address, or the name of a source
    item = look_up(ref)
    known = {"author": item.author, "title": item.title} if item is not None else {}
    return {"source": ref.source, "kind": ref.kind, "id": ref.native, **known}


def _plain(label: Label) -> dict[str, Any]:
    made: dict[str, Any] = _LABEL.dump_python(label, mode="json")
    return made if label.via else {n: v for n, v in made.items() if n != "via"}
