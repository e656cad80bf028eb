"""What the environment says about settings: DESKHAND_SECTION__KEY, read by pydantic-settings.

A room of its own, for the library takes as long to import as all other settings together, and most
homes set nothing this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from deskhand.config.errors import ConfigError, nearest

PREFIX = "DESKHAND_"


def overrides(environ: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Settings that variables set, nested like the model. Lists and tables are written as JSON.

    Empty variables count as not set. A name without `__` that is no section is somebody else's
    (DESKHAND_HOME).

    :raises ConfigError: a variable names no section, or its value cannot be read.
    """
    made: dict[str, Any] = {}
    for variable in sorted(environ):
        name = variable.upper()
        if not name.startswith(PREFIX) or not environ[variable]:
            continue
        section, nested, _ = name.removeprefix(PREFIX).lower().partition("__")
        if section in model.model_fields:
            _put(made, _read(variable, environ[variable], model))
        elif nested:
            hint = nearest(section, list(model.model_fields))
            raise ConfigError(f"{variable}: there is no section [{section}]{hint}.")
    return made


def _read(variable: str, value: str, model: type[BaseModel]) -> dict[str, Any]:
    from pydantic_settings import BaseSettings, EnvSettingsSource
    from pydantic_settings.exceptions import SettingsError

    # It needs no more of the class than fields and config, and reads one variable at a time, so that
    # a mistake names the very variable.
    source = EnvSettingsSource(
        cast("type[BaseSettings]", model),
        case_sensitive=False,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
    )
    source.env_vars = {variable.lower(): value}
    try:
        return source()
    except SettingsError as e:
        raise ConfigError(f'{variable}: a list or table is written as JSON, like ["a", "b"].') from e


def _put(made: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(made.get(key), dict):
            _put(made[key], value)
        else:
            made[key] = dict(value) if isinstance(value, Mapping) else value
