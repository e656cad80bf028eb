"""What a process connects to, by its own account to Python: only to what was declared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Office
from fakes.chat.server import Chat, fails, says

from deskhand.agent.models import Failure, Manner, Message, Outcome
from deskhand.agent.models.langchain import LangChain

WATCHED = """
import json, sys
seen = []
def hook(event, args):
    if event == "socket.connect":
        seen.append(repr(args[1]))
    elif event == "socket.getaddrinfo":
        seen.append(f"look up {args[0]}:{args[1]}")
    elif event in ("socket.sendto", "socket.gethostbyname"):
        seen.append(f"{event} {args[1:]!r}")
sys.addaudithook(hook)
from deskhand.agent.app import App
from deskhand.agent.desk.desk import Desk
from deskhand.config.paths import Home
from pathlib import Path
home = Path(sys.argv[1])
with Desk.open(Home(home), now="2026-11-22T08:00:00+00:00", door=True) as desk:
    desk.call("sync", {})
    desk.call("search", {"query": "harbour budget"})
    for wish in (
        "what is on my calendar tomorrow", "summarise the thread about the budget",
        "schedule 45 minutes with Sam Okafor next week", "what changed in the proposal since last Monday",
    ):
        desk.call("ask", {"text": wish})
    for asked in desk.call("approvals", {})["approvals"]:
        desk.call("decide", {"approval": asked["approval"], "verdict": "approve"})
    desk.call("digest", {})
    desk.call("doctor", {})
    desk.call("audit.verify", {})
print(json.dumps(seen))
"""


def watched(home: Path, **environ: str) -> set[str]:
    """Whom a process speaks to through its main uses."""
    given = {k: v for k, v in os.environ.items() if not k.startswith("DESKHAND")}
    given |= {"DESKHAND_SENDING__HOLD": "0s"} | environ
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(home)], env=given, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.long
def test_without_a_model_nobody_is_spoken_to(office: Office) -> None:
    assert watched(office.home, DESKHAND_ENGINE__KIND="dbos") == set()


@pytest.mark.long
def test_with_one_its_server_alone(office: Office) -> None:
    """On the engine in memory: what that alone would speak to is seen here too."""
    with Chat(*[fails(500, "not today")] * 200) as chat:
        config = office.home / "config.toml"
        config.write_text(
            f'{config.read_text("utf-8")}\n[model]\nname = "openai:gpt-x"\nbase_url = "{chat.url}"\n', "utf-8"
        )
        seen = watched(
            office.home, DESKHAND_ENGINE__KIND="memory", LANGSMITH_TRACING="true", LANGSMITH_API_KEY="x" * 20,
            HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9",
        )  # fmt: skip
        port = int(chat.url.split(":")[2].split("/")[0])
        assert chat.requests, "the model was asked"
        assert seen == {f"('127.0.0.1', {port})", f"look up 127.0.0.1:{port}"}


class TestModels:
    ASK = (Message("user", "hello"),)

    def asked(self, base_url: str, **rest: bool) -> Failure:
        model = LangChain("openai:gpt-x", base_url, key=lambda: "sk-secret", timeout=5, **rest)
        with pytest.raises(Failure) as caught:
            model.ask(self.ASK, manner=Manner.TEXT)
        return caught.value

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("http://api.example.org/v1", "spoken to with encryption or not at all"),
            ("https://169.254.169.254/v1", "where nothing is ever asked"),
            ("https://user:pass@api.example.org/v1", "holds no user and no password"),
        ],
    )
    def test_where_nobody_is_asked_is_said(self, url: str, said: str) -> None:
        failed = self.asked(url)
        assert failed.outcome is Outcome.UNUSABLE
        assert said in str(failed)
        assert str(failed).startswith("openai:gpt-x was not asked: ")

    def test_a_server_that_sends_us_on_is_not_followed(self) -> None:
        with Chat(says("well")) as other, Chat() as chat:
            moved = fails(307, "there", headers={"Location": f"{other.url}/chat/completions"})
            chat.answers.append(moved)
            failed = self.asked(chat.url)
            assert "is not among the hosts" in str(failed)
            assert other.requests == []
