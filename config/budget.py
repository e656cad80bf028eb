"""Settings about spending: what a run, a schedule and a day may use, and what models cost."""

from __future__ import annotations

from math import inf
from typing import Annotated

from pydantic import ConfigDict, Field

from deskhand.config.people import Section

Amount = Annotated[float, Field(ge=0)]
"""0 is none at all, `inf` without limit."""


class Limits(Section):
    """What may be used together; without limit unless said."""

    steps: Amount = inf
    """Steps begun."""
    tokens: Amount = inf
    """Of language models, in and out."""
    money: Amount = inf
    """For models with a price in [prices]."""
    seconds: Amount = inf
    """Of work; waiting for a decision is none."""
    calls: Amount = inf
    """To each source."""


class RunLimits(Limits):
    """What one run may use."""

    steps: Amount = 1_000
    tokens: Amount = 250_000
    money: Amount = 1.0
    seconds: Amount = 900
    calls: Amount = 1_000


class DayLimits(Limits):
    """What all runs of a day may use together."""

    steps: Amount = 20_000
    tokens: Amount = 2_500_000
    money: Amount = 5.0
    seconds: Amount = 14_400
    calls: Amount = 20_000


class Budget(Section):
    """What may be spent."""

    run: RunLimits = RunLimits()
    day: DayLimits = DayLimits()
    schedules: dict[str, Limits] = Field(default_factory=dict[str, Limits])
    """By name: what all runs of one day may use together."""
    calls: dict[str, Amount] = Field(default_factory=dict[str, Amount])
    """By source: calls to it on one day, in the place of `calls` of `day`."""
    currency: str = "USD"
    """Of all prices and limits; shown as it is written."""


class Price(Section):
    """What a model costs, for a million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    into: Annotated[float, Field(ge=0, allow_inf_nan=False, alias="in")]
    out: Annotated[float, Field(ge=0, allow_inf_nan=False)]
