"""Frozen values, and the one canonical form that hashes and signatures are made over."""

from __future__ import annotations

import json
from hashlib import sha256

from pydantic import BaseModel, ConfigDict


def canonical(value: object) -> str:
    """JSON with sorted keys and no white space: what hashes are made over."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of a value, in hex."""
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


class Value(BaseModel):
    """A frozen value."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
