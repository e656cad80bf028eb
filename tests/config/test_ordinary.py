"""A password that is an ordinary word: gone from where it stands as one, left where it is but a word."""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.home.opened import _is_word
from deskhand.config.vault import HIDDEN, Secrets

WORDS = ("secret", "monday", "Dragon", "password", "token", "12345", "20261123")


is_word = cache(_is_word)


def hide(text: str, word: str) -> str:
    secrets = Secrets({}, ordinary=is_word)
    secrets.know(word)
    return secrets.hide(text)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "said",
    [
        "LOGIN ana@example.org {}",
        "a1 LOGIN ana {}\r\n",
        "AUTH PLAIN ana {}",
        "535 login failed for ana: {}",
        "Authentication failed for ana with {}",
        "wrong password {} given",
        "the password is {}",
        "password: {}",
        "password={}",
        "https://ana:{}@example.org/",
        "api key: {}",
        "Bearer {}",
        "{{'pwd': '{}'}}",
        "invalid literal for int() with base 10: '{}'",
        "{}",
        "\x00ana\x00{}",
        "b'\\x00ana\\x00{}'",
        "password%3D{}",
        "client_secret={}&more=1",
    ],
)
def test_where_it_stands_as_a_secret_it_is_taken_out(said: str, word: str) -> None:
    text = said.format(word)
    assert hide(text, word) == said.format(HIDDEN)


@pytest.mark.parametrize("word", ["secret", "monday", "12345"])
def test_however_it_is_written_down_it_is_taken_out(word: str) -> None:
    packed = base64.b64encode(f"\0ana\0{word}".encode()).decode()
    for form in (packed, word.encode().hex(), json.dumps({"password": word}), f"pwd={quote(word)}"):
        assert hide(f"535 refused {form} here", word) != f"535 refused {form} here"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("secret", "Its password is kept as secret:MAIL; keep the new one with: deskhand secret set MAIL"),
        ("secret", "There is no secret 'MAIL'; keep it with: deskhand secret set MAIL"),
        ("secret", "Secret Santa, and the secrets of a secret garden (“secret”), on Friday."),
        ("password", "imap.example.org refused the user ana@example.org or the password: not today."),
        ("monday", "Sent “See you on monday” to bo@example.org, from mail."),
        ("calendar", "calendar:event:stand-up@example.org, in calendar; deskhand sync calendar."),
        ("message", "Re: a message, mail:message:INBOX/17.M1P1.sample"),
        ("marta", "Marta Figueiredo <marta@example.org>, and marta herself."),
        ("12345", "mail:message:INBOX/12345 and 12345 of 20000"),
    ],
)
def test_where_it_is_but_a_word_it_stays(word: str, said: str) -> None:
    assert hide(said, word) == said


@pytest.mark.parametrize("secret", ["zxqvbnwkpl", "correcthorsebatterystaple", "dragon-7", "123456789012"])
def test_what_is_no_word_goes_wherever_it_stands(secret: str) -> None:
    assert hide(f"so {secret} it is", secret) == f"so {HIDDEN} it is"


@given(st.sampled_from(["secret", "monday", "dragon"]), st.text(max_size=40))
def test_behind_an_equals_sign_it_is_never_there(word: str, before: str) -> None:
    assert f"={word} " not in hide(f"{before}={word} and more", word)
