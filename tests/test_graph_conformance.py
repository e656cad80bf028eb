"""The page about Microsoft Graph says what is so."""

from __future__ import annotations

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


def test_samples_with_values_are_read_or_it_is_known_why_not(contract: Contract) -> None:
    wrong = {s.name: lost(s) for s in samples(contract) if not is_template(s) and lost(s)}
    reasons = ("the page leaves out", "only the tests", "workingHours, of a clock")
    assert [n for n, why in wrong.items() if not all(w.startswith(reasons) for w in why)] == []


def test_a_pattern_is_written_out_in_all_its_ways() -> None:
    assert examples(r"/me/(?:folders/([^/]+)/)?messages") == ["/me/messages", "/me/folders/x/messages"]
    assert examples(r"/m/(one|other)(?:\(\))?") == ["/m/one", "/m/one()", "/m/other", "/m/other()"]
