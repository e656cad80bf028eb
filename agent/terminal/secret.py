"""The commands `deskhand secret ...`: secrets are kept, listed by name, moved and removed; never shown."""

from __future__ import annotations

import sys
from typing import Annotated, Literal, cast

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.screen import Home, Json, one_of, show_answer, store_of, told

secret = typer.Typer(no_args_is_help=True, help="Keep passwords and keys, and refer to them as secret:NAME.")

_PLACES = {"keyring": "in the keyring of this system", "file": "sealed in secrets.enc"}
_LARGEST = 64 * 1024
To = Annotated[str, typer.Option("--to", metavar="keyring|file", help="Where it is kept.")]


@secret.command("set", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it: MAIL_PASSWORD.")],
    to: To = "",
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Seal a new secrets.enc with a passphrase.")
    ] = False,
    home: Home = "", as_json: Json = False,
) -> None:  # fmt: skip
    """Keep a secret, typed without being shown.

    Or read from standard input; never an argument.
    """
    with told(as_json, home) as screen:
        if context.args:  # not left to the parser, which would repeat it
            raise Refusal(
                "A secret is never an argument: there it stands in the history of your shell, and others see "
                "it in the list of processes. Nothing was kept. Give its name alone (and options that there "
                "are: deskhand secret set --help), then type it. If the real one stands in what you just "
                "said, take it out of the history, or change it."
            )
        store = store_of(home)
        where = store.put(name, _hidden(f"{name}: "), to=_place(to), passphrase=passphrase)
        answer = {"secret": name, "where": where, "reference": f"secret:{name}"}
        if not screen.json:
            screen.line(f"{name} is kept {_PLACES[where]}. Settings refer to it as secret:{name}")
            if where == "file" and store.guarded_by == "file":
                screen.line(
                    "What opens it lies in secrets.key beside it: whoever can read your home can open it. "
                    "To seal it with a passphrase: deskhand secret passphrase", "dim",
                )  # fmt: skip
        show_answer(screen, answer)


@secret.command("list")
def list_(home: Home = "", as_json: Json = False) -> None:
    """List the names of the secrets, and where each is.

    And whether they can be opened; never what they are.
    """
    with told(as_json, home) as screen:
        store = store_of(home)
        names, problem = store.names(), store.problem()
        if not screen.json:
            for name, where in names.items():
                screen.line(f"{name}  {_PLACES[where]}")
            if not names:
                screen.line("No secret is kept here. Keep one with: deskhand secret set NAME")
            if problem:
                screen.line(problem, "yellow")
        listed = [{"secret": n, "where": w} for n, w in names.items()]
        show_answer(screen, {"secrets": listed, "problem": problem})
        raise typer.Exit(1 if problem else 0)


@secret.command("remove")
def remove(name: str, home: Home = "", as_json: Json = False) -> None:
    """Forget a secret."""
    with told(as_json, home) as screen:
        where = store_of(home).remove(name)
        if not screen.json:
            screen.line(f"{name} is forgotten; it was {_PLACES[where]}.")
        show_answer(screen, {"secret": name, "where": where})


@secret.command("move")
def move(name: str, to: To, home: Home = "", as_json: Json = False) -> None:
    """Keep a secret elsewhere."""
    with told(as_json, home) as screen:
        place = _place(to)
        assert place is not None  # noqa: S101 - --to is required
        store_of(home).move(name, place)
        if not screen.json:
            screen.line(f"{name} is kept {_PLACES[place]} now.")
        show_answer(screen, {"secret": name, "where": place})


@secret.command("passphrase")
def passphrase(home: Home = "", as_json: Json = False) -> None:
    """Seal secrets.enc with another passphrase.

    With an empty one, it is sealed with a key that lies beside it.
    """
    with told(as_json, home) as screen:
        store = store_of(home)
        new = _hidden("New passphrase (empty: a key file): ")
        if sys.stdin.isatty() and new and _hidden("Once more: ") != new:
            raise Refusal("The two passphrases are not the same; nothing was changed.")
        store.guard(new)
        if not screen.json:
            screen.line(
                "secrets.enc is sealed with your passphrase: DESKHAND_PASSPHRASE, or typed when asked."
                if new
                else "secrets.enc is sealed with the key in secrets.key beside it."
            )
        show_answer(screen, {"sealed_by": store.guarded_by})


def _place(to: str) -> Literal["keyring", "file"] | None:
    if not to:
        return None
    one_of("place", to, list(_PLACES))
    return cast("Literal['keyring', 'file']", to)


def _hidden(prompt: str) -> str:
    """What is typed without echo, or read from standard input without its last line end."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(prompt)
    data = sys.stdin.buffer.read(_LARGEST + 3)
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Refusal("A secret is text in UTF-8; what came is none.") from None
