"""Every form shows the whole brief, and no foreign text gets out of its place in any of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deskhand.agent.clean import clean
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.wording.render import to_html, to_markdown, to_text
from deskhand.connectors.model import ItemRef

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def cite(native: str = "m1", title: str = "Budget", version: str = "1") -> Citation:
    return Citation(
        ref=ItemRef("mail", "message", native), version=version, title=title, who="Bo Lindqvist", at=NOON
    )


def brief_of(text: str, *, title: str = "A title", note: str = "") -> Brief:
    passages = (Passage(text=text, cites=(cite(), cite("m2"))), Passage(text="Second", cites=(cite("m2"),)))
    return Brief(title=title, sections=(Section(heading="Asks", passages=passages),), note=note)


def test_text_reads_well() -> None:
    lead = Section(heading="", passages=(Passage(text="It is about money. " * 8, cites=(cite(),)),))
    asks = Section(
        heading="Asks",
        passages=(Passage(text="Bo asks you: “Could you?”", cites=(cite("m2", "Re: Budget"),)),),
    )
    brief = Brief(title="Budget", sections=(lead, asks), note="One message could not be read.")
    assert to_text(brief, width=60, zone="Europe/Stockholm") == (
        "Budget\n"
        "──────\n"
        "\n"
        "It is about money. It is about money. It is about money. It\n"
        "is about money. It is about money. It is about money. It is\n"
        "about money. It is about money. [1]\n"
        "\n"
        "Asks\n"
        "  • Bo asks you: “Could you?” [2]\n"
        "\n"
        "Note: One message could not be read.\n"
        "\n"
        "Sources\n"
        "  [1] Budget, Bo Lindqvist, Sun 22 Nov 2026 13:00,\n"
        "      mail:message:m1\n"
        "  [2] Re: Budget, Bo Lindqvist, Sun 22 Nov 2026 13:00,\n"
        "      mail:message:m2\n"
    )


@pytest.mark.parametrize("form", [to_text, to_markdown, to_html])
def test_a_title_or_name_of_megabytes_leaves_room_for_the_rest(form: Callable[[Brief], str]) -> None:
    huge = "x" * 1_000_000
    told = Passage(text=f"“{huge}”", cites=(cite(title=huge).model_copy(update={"who": huge}),))
    after = Passage(text="And this.")
    brief = Brief(title=huge, sections=(Section(heading=huge, passages=(told, after)),))
    made = form(brief)
    assert "And this." in made
    assert len(made) < 20_000


def test_a_source_has_one_number_however_often_it_is_cited_and_versions_are_told_apart() -> None:
    both = Passage(text="x", cites=(cite(version="1"), cite(version="2"), cite(version="1")))
    text = to_text(Brief(title="t", sections=(Section(heading="h", passages=(both, both)),)))
    assert text.count("x [1][2]\n") == 2
    assert "[3]" not in text


HOSTILE = [
    "[click](https://example.com)",
    "![x](https://example.com/p.png)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "&lt;b&gt; &#60;",
    "<https://example.com>",
    "[x](javascript:alert(1)) <javascript:alert(1)>",
    "![](data:image/svg+xml,<svg/onload=alert(1)>)",
    "<a href=data:text/html,x>x</a> <img srcset='https://example.com/p.png 1x'>",
    "mailto:eve@example.net eve@example.net ftp://example.net",
    "[ref]: https://example.com 'x'",
    "see https://example.com/a_b_c and www.example.com",
    "`code` *bold* _it_ ~~no~~ ^x^ $y$ ==z==",
    "# heading",
    "1. list",
    "- list",
    "+ list",
    "> quote",
    "a | b",
    "\\[x\\](y)",
    "line\n\n# heading\n\n<b>",
    "    code",
    "---",
    "===",
    "\x1b]8;;https://example.com\x07x\x1b]8;;\x07",
    '" onmouseover="x\' y',
]


def kinds_in(markdown: str) -> set[str]:
    # "js-default" also makes tables and struck-out text, as most viewers do.
    return {
        t.type
        for block in MarkdownIt("js-default", {"html": True}).parse(markdown)
        for t in [block, *(block.children or [])]
    }


@pytest.mark.parametrize("foreign", HOSTILE)
def test_foreign_text_stays_text_in_markdown(foreign: str) -> None:
    brief = brief_of(foreign, title=foreign, note=foreign)
    plain = brief_of("plain", title="plain", note="plain")
    assert kinds_in(to_markdown(brief)) == kinds_in(to_markdown(plain))


@given(st.lists(st.sampled_from("[]()!<>`*_\\#-+1. &;:/@~|\n=^$ahttps"), max_size=40).map("".join))
def test_no_combination_of_marks_becomes_markup(foreign: str) -> None:
    markdown = to_markdown(brief_of(f"x{foreign}"))
    assert kinds_in(markdown) == kinds_in(to_markdown(brief_of("x")))
    # and what is shown is what was written
    inline = [t for t in MarkdownIt("js-default").parse(markdown) if t.type == "inline"][2]
    shown = "".join(c.content for c in inline.children or [])
    assert shown == f"{' '.join(f'x{foreign}'.split())} [1][2]"


class Page(HTMLParser):
    """Collects what a browser would see: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("foreign", HOSTILE)
def test_foreign_text_stays_text_in_html(foreign: str) -> None:
    page, plain = (Page(to_html(brief_of(t, title=t, note=t))) for t in (foreign, "plain"))
    assert page.tags == plain.tags
    assert " ".join(clean(foreign).split()) in page.text


def test_the_page_loads_nothing_and_allows_nothing_but_its_style() -> None:
    html = to_html(brief_of("text"))
    page = Page(html)
    assert {tag for tag, _ in page.tags}.isdisjoint(
        {"script", "img", "link", "iframe", "form", "base", "object"}
    )
    policy = next(a["content"] or "" for t, a in page.tags if t == "meta" and a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"style-src 'sha256-[\w+/]{43}='", policy)
    links = [a["href"] or "" for t, a in page.tags if t == "a"]
    targets = {f"#{a['id']}" for _, a in page.tags if "id" in a}
    assert links
    assert set(links) <= targets
    assert "url(" not in html
    assert "@import" not in html


def test_narrow_text_keeps_its_width() -> None:
    text = to_text(brief_of("word " * 200), width=40)
    assert max(map(len, text.splitlines())) <= 40


@given(st.text(max_size=100), st.text(max_size=50))
def test_any_brief_renders_in_every_form(text: str, title: str) -> None:
    brief = brief_of(text, title=title)
    for form in (to_text(brief), to_markdown(brief), to_html(brief)):
        form.encode("utf-8")


def test_an_empty_brief_renders() -> None:
    assert to_text(Brief(title="Nothing")) == "Nothing\n───────\n"
