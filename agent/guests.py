"""The language models that the settings name, and the planner that asks them. None named, none imported."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from time import monotonic, sleep
from typing import TYPE_CHECKING

from deskhand.config.errors import ConfigError
from deskhand.config.settings import Settings

if TYPE_CHECKING:
    from deskhand.agent.models.langchain import LangChain
    from deskhand.agent.models.writing import Writer
    from deskhand.agent.planners import Planner


def problems_of(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What stands in the way of the models in the settings, each in a sentence; nobody is asked for it."""
    found = []
    for guest in settings.model.guests:
        provider = guest.name.partition(":")[0]
        packages = ("langchain", "langchain_openai") if provider == "openai" else ("langchain",)
        if any(find_spec(p) is None for p in packages):
            extra = (
                "'deskhand[openai]'" if provider == "openai" else "langchain and the package of its provider"
            )
            found.append(f"model {guest.name}: a package is not installed; say: pip install {extra}")
        try:
            guest.key(environ)
        except ConfigError as error:
            found.append(f"model {guest.name}: {error}")
    return found


def planner_of(settings: Settings, environ: Mapping[str, str]) -> Planner | None:
    """The planner that asks the configured models before the rules; None where none is configured.

    Keys are looked up when a model is first asked: a key that is missing stops nothing else.
    """
    if not settings.model.guests:
        return None
    from deskhand.agent.models.trying import Clocks
    from deskhand.agent.planners.model import ModelPlanner
    from deskhand.agent.planners.rules import plan

    return ModelPlanner(_models(settings, environ), plan, Clocks(ticks=monotonic, pause=sleep))


def writer_of(settings: Settings, environ: Mapping[str, str]) -> Writer | None:
    """What has the configured models write out of connected text; None without the person's leave."""
    if not (settings.model.guests and settings.model.writes):
        return None
    from deskhand.agent.models.trying import Clocks
    from deskhand.agent.models.writing import write

    return partial(write, models=_models(settings, environ), clocks=Clocks(ticks=monotonic, pause=sleep))


def _models(settings: Settings, environ: Mapping[str, str]) -> list[LangChain]:
    from deskhand.agent.models.langchain import LangChain

    guests = settings.model.guests
    return [LangChain(g.name, g.base_url, partial(g.key, environ), g.timeout, g.options) for g in guests]
