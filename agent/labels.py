"""Labels of several values as plain JSON, as they are kept and signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from deskhand.connectors.model import Label

_LABEL = TypeAdapter(Label)


def plain(labels: Mapping[str, Label]) -> dict[str, Any]:
    """Labels as JSON: a class would be lost in a checkpoint, in silence."""
    return {name: _LABEL.dump_python(label, mode="json") for name, label in labels.items()}


def labels_from(plain_labels: Mapping[str, Any]) -> dict[str, Label]:
    """Labels from their JSON."""
    return {name: _LABEL.validate_python(value) for name, value in plain_labels.items()}
