"""The command `deskhand signin`, and what `deskhand add` does where one signs in by a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deskhand.agent.clean import clean
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import Home, Json, Now, home_of, reach_desk, show_answer, store_of, told

Client = Annotated[
    str,
    typer.Option(
        "--client",
        metavar="FILE",
        help="Your client ID: of Google the file that its console gave, of Microsoft the ID.",
    ),
]
Device = Annotated[bool, typer.Option("--device", help="Sign in on another machine, by a code (Microsoft).")]
_YES = ("true", "1", "yes")


def members(kind: str) -> dict[str, str]:
    """The kinds of sources that a name stands for which is none itself (`google`), and what each is there."""
    from deskhand.connectors import family, kinds

    return {} if kind in kinds() else family(kind)


def kept(
    screen: Screen, kinds: Mapping[str, tuple[str, str]], place: str, options: dict[str, str], client: str,
    home: str, *, device: bool = False,
) -> str:  # fmt: skip
    """Sign in where that is needed, and have `options` refer to what is kept of it.

    :param kinds: of the sources that are added: whom each signs in to, and to what there.
    The name of the secret, if there was none before; else "".
    """
    from deskhand.connectors import renewed

    provider = next(iter(kinds.values()))[0]
    store = store_of(home)
    name = name_of(provider, place)
    before = store.get(name) if name in store.names() else ""
    write = str(options.get("write", "")).lower() in _YES
    wanted = {api: write for _, api in kinds.values()}
    with refusing():
        now = renewed(provider, before, place, wanted, client=client, device=device,
                      show=lambda url: show(screen, url))  # fmt: skip
    if now != before:
        store.put(name, now)
    options["token"] = f"secret:{name}"
    return "" if before else name


def signin(
    alias: Annotated[str, typer.Argument(help="The source whose account it is.")],
    write: Annotated[bool, typer.Option("--write", help="Let it be written with from now on.")] = False,
    client: Client = "",
    device: Device = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Sign in again to the account of a source.

    All sources of the account are served by it.
    """
    from deskhand.agent.sources.catalogue import gone, no_such, renewal
    from deskhand.config.edit import change_source
    from deskhand.config.settings import load
    from deskhand.connectors import renewed, sign_in

    with told(as_json, home) as screen:
        file = home_of(home).prepare().config_file
        settings = load(file, environ=os.environ)
        sources = settings.sources
        if alias not in sources:
            with reach_desk(home, now, door=False) as desk:
                kept = {s["source"]: s["again"] for s in desk.call("sources", {})["sources"]}
            again = kept.get(alias, "")
            raise Refusal(gone(alias, again) if again else no_such(alias, list(sources)))
        of, token = sources[alias], str(sources[alias].options.get("token", ""))
        with refusing():
            whom = sign_in(of.kind)
        if whom is None:
            raise Refusal(f"{alias} has no sign-in in a browser. {renewal(settings, alias)}".rstrip())
        if not token.startswith("secret:"):
            raise Refusal(f"The option token of {alias} is kept elsewhere ({token.partition(':')[0]}).")
        store, name = store_of(home), token.removeprefix("secret:")
        same = {a: s for a, s in sources.items() if s.options.get("token") == token}
        wanted = dict[str, bool]()
        for other, source in same.items():
            with refusing():
                api = (sign_in(source.kind, source.options) or ("", ""))[1]
            on = str(source.options.get("write", "")).lower() in _YES or (write and other == alias)
            wanted[api] = wanted.get(api, False) or on
        with refusing():
            made = renewed(
                whom[0], store.get(name) if name in store.names() else "", of.place, wanted,
                client=client, show=lambda url: show(screen, url), again=True,
                device=device,
            )  # fmt: skip
        store.put(name, made)
        if write:
            change_source(file, alias, {"write": True})
        with reach_desk(home, now, door=True) as desk:
            answer = desk.call("signed_in", {"sources": sorted(same)})
        show_answer(screen, answer, _signed)


def name_of(provider: str, place: str) -> str:
    """What the secret of an account is called."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{provider}_{place}".upper()).strip("_")[:60]


def show(screen: Screen, url: str) -> None:
    """Tell the person where to sign in; on the error output, for what is printed may be read by a program."""
    where = "" if "\n" in url else ", on this machine"  # a code may be typed in anywhere
    typer.echo(
        f"Open this address in your browser{where}, and sign in (within five minutes):\n\n{clean(url)}\n",
        err=True,
    )


class refusing:
    """What a source says of a sign-in is what the person is told."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        from deskhand.connectors.errors import SourceError

        if isinstance(error, SourceError):
            raise Refusal(str(error), 1) from None


def _signed(screen: Screen, answer: Any) -> None:
    screen.line(f"Signed in. It serves {', '.join(answer['sources'])}. Next: deskhand sync")
