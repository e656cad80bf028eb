"""Time zones as people write them: checked, and the nearest right ones named."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from deskhand.config.errors import ConfigError


def check_zone(zone: str) -> ZoneInfo:
    """The zone of an IANA name. :raises ConfigError: there is none; names the nearest ones."""
    try:
        if zone:
            return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder
        pass
    raise ConfigError(f"there is no time zone {zone[:80]!r}{_near_zones(zone)}")


def _near_zones(zone: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    word = zone[:80].strip().lower().replace(" ", "_")
    names: dict[str, str] = {}
    for name in sorted(available_timezones()):
        names[name.lower()] = name
        if "/" in name and not name.startswith("Etc/"):
            names.setdefault(name.rpartition("/")[2].lower(), name)
    near = [*get_close_matches(word, names, n=3), *get_close_matches(word.rpartition("/")[2], names, n=3)]
    offered = list(dict.fromkeys(names[n] for n in near))[:3]
    return f"; near it: {', '.join(offered)}" if offered else "; write it like Europe/Lisbon"
