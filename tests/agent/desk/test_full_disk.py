"""A disk that fills up in the middle of a yes: it is called that, and nothing is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from agent_givens import House, mail
from fakes.disk import disk

from deskhand.agent.desk.desk import Desk
from deskhand.agent.errors import Refusal

YES = {"decisions": {"a1": {"verdict": "approve"}}}


def test_wherever_the_room_ends_no_damage_is_told_and_no_trace(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with disk(tmp_path / "disk", "8m") as small:
        with House(small.folder / "home", environ={"DESKHAND_ENGINE__KIND": "dbos"}) as house:
            house.do(mail())
            said = list[str]()
            for room in range(0, 500_000, 50_000):
                house.reopen()
                filler = small.folder / "filler"
                filler.write_bytes(bytes(max(0, shutil.disk_usage(small.folder).free - room)))
                try:
                    Desk(house.app, None).call("decide.all", YES)
                except Refusal as error:
                    said.append(str(error))
                finally:
                    filler.unlink()
            assert any("the disk is full" in one for one in said)
            assert not any("damaged" in one for one in said)
            house.reopen()
            for run in house.app.resume():
                house.room.wait(run)
            assert house.performed() == ["mail.send"]
        printed = capfd.readouterr()
        assert "Traceback" not in printed.err + printed.out
