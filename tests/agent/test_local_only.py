"""Of a source marked local_only nothing reaches a model on another machine, and why is told."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, ME, NOW

from deskhand.agent.app import App
from deskhand.agent.models.langchain import LangChain
from deskhand.agent.models.scripted import Scripted
from deskhand.config.errors import ConfigError
from deskhand.config.settings import load

CANARY = "quagga"
WISHES = (
    "summarise the thread about the enclosure",
    "draft a reply to the mail about the enclosure",
    "write to Wilhelmina about the fence",
    "give me the full digest",
    "what did we say about the enclosure?",
)


@dataclass
class Here(Scripted):
    """A model on this very machine."""

    here: bool = True


def _mailbox(root: Path) -> None:
    for inner in ("cur", "new", "tmp"):
        (root / "mail" / inner).mkdir(parents=True)
    told = (
        (f"Wilhelmina <{CANARY}@example.org>", ME, "inbox"),
        (ME, f"Wilhelmina <{CANARY}@example.org>", "sent"),
    )
    for n, (sender, to, where) in enumerate(told):
        letter = EmailMessage()
        letter["From"], letter["To"] = sender, to
        letter["Subject"] = "The enclosure" if n == 0 else "Re: The enclosure"
        letter["Date"] = f"Sat, 21 Nov 2026 0{n}:00:00 +0000"
        letter["Message-ID"] = f"<{n}@example.org>"
        if n:
            letter["In-Reply-To"] = "<0@example.org>"
        letter.set_content(f"Could you mend the enclosure of the {CANARY} until Friday?\n")
        folder = root / "mail" / (".Sent/cur" if where == "sent" else "cur")
        folder.mkdir(parents=True, exist_ok=True)
        for inner in ("new", "tmp"):
            (folder.parent / inner).mkdir(exist_ok=True)
        (folder / f"{n}:2,S").write_bytes(letter.as_bytes())


def _seen(root: Path, model: Scripted, *, local_only: str) -> tuple[str, list[str]]:
    """All that a model was asked while everything was wished for, and the answers."""
    environ = ENVIRONMENT | {"DESKHAND_MODEL__WRITES": "true"}
    with App.open(root / "home", now=NOW, environ=environ, model=model) as app:
        app.add("maildir", str(root / "mail"), options={"local_only": local_only})
        app.sync(embed=0)
        answers = [app.ask(wish, fresh=False).answer for wish in WISHES]
    return "\n".join(m.text for call in model.calls for m in call.messages).lower(), answers


@pytest.fixture
def root(tmp_path: Path) -> Path:
    _mailbox(tmp_path)
    return tmp_path


def test_no_word_of_it_reaches_a_model_elsewhere_and_why_is_told(root: Path) -> None:
    asked, answers = _seen(root, Scripted(()), local_only="yes")
    assert "wilhelmina" in asked, "the person's own words are the model's to read"
    assert CANARY not in asked
    assert "mend the enclosure" not in asked
    why = "No model was asked: mail stays on this machine (local_only), where no model is."
    assert why in " ".join(answers[0].split())


@pytest.mark.parametrize(
    ("model", "local_only"), [(Scripted(()), "no"), (Here(()), "yes")], ids=["allowed", "on this machine"]
)
def test_else_it_does(root: Path, model: Scripted, local_only: str) -> None:
    asked, _ = _seen(root, model, local_only=local_only)
    assert "mend the enclosure" in asked
    assert f"{CANARY}@example.org" in asked, "who is written to is a contact"


@pytest.mark.parametrize(
    ("base_url", "here"),
    [
        ("http://127.0.0.1:8080/v1", True), ("http://localhost:11434", True), ("http://[::1]:1/v1", True),
        ("https://api.example.org/v1", False), ("http://192.168.1.5/v1", False),
        ("https://nas.local/v1", False), ("", False),
        ("http://localhost.example.org/v1", False), ("http://user@127.0.0.1/v1", False),
    ],
)  # fmt: skip
def test_a_model_is_on_this_machine_where_its_address_says_so(base_url: str, here: bool) -> None:
    assert LangChain("openai:x", base_url, private=True).here is here
    assert LangChain("ollama:x", base_url).here is here


class TestSetting:
    @pytest.mark.parametrize(("said", "means"), [("yes", True), ("true", True), ("no", False)])
    def test_it_is_written_as_it_is_meant(self, root: Path, said: str, means: bool) -> None:
        with App.open(root / "home", now=NOW, environ=ENVIRONMENT) as app:
            app.add("maildir", str(root / "mail"), options={"local_only": said})
        settings = load(root / "home/config.toml", environ={})
        assert settings.sources["mail"].local_only is means
        assert f"local_only = {str(means).lower()}" in (root / "home/config.toml").read_text("utf-8")

    def test_what_is_neither_is_refused(self, root: Path) -> None:
        with App.open(root / "home", now=NOW, environ=ENVIRONMENT) as app:
            with pytest.raises(ConfigError, match="The option local_only must be true or false"):
                app.add("maildir", str(root / "mail"), options={"local_only": "perhaps"})
            assert app.connections.aliases == []
