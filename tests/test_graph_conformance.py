"""The page about Microsoft Graph says what is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.graph.contract import Contract, found
from graph_conformance import PAGE, SHARED, examples, is_template, lost, page, routes, samples


@pytest.fixture(scope="module")
def contract() -> Contract:
    if (made := found(SHARED)) is None:
        pytest.skip("needs ../shared/data/msgraph and .venv/msgraph (make test)")
    return made


def test_the_page_is_current(contract: Contract) -> None:
    assert PAGE.read_text("utf-8") == page(contract), (
        "python tests/graph_conformance.py > docs/graph-conformance.md"
    )


def test_every_route_that_is_used_is_microsofts(contract: Contract) -> None:
    assert [key for key, route in routes(contract).items() if route is None] == []


def test_every_sample_with_values_is_read_without_loss(contract: Contract) -> None:
    tried = [s for s in samples(contract) if not is_template(s)]
    assert len(tried) > 50
    assert {s.name: why for s in tried if (why := lost(s))} == {}


def test_what_is_not_taken_is_seen(contract: Contract) -> None:
    """Each value that is told is looked for in what was read."""
    settings = next(s for s in samples(contract) if s.path == "/me/mailboxSettings" and not is_template(s))
    body = {**settings.body, "timeZone": "Customized Time Zone", "workingHours": {"daysOfWeek": ["monday"]}}
    assert lost(replace(settings, body=body)) == ["workingHours"]


def test_a_pattern_is_written_out_in_all_its_ways() -> None:
    assert examples(r"/me/(?:folders/([^/]+)/)?messages") == ["/me/messages", "/me/folders/x/messages"]
    assert examples(r"/m/(one|other)(?:\(\))?") == ["/m/one", "/m/one()", "/m/other", "/m/other()"]
