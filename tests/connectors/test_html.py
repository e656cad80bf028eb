"""Of an HTML mail its reader's view is read: what she would not see is left out, what she would is not."""

from __future__ import annotations

from time import process_time

import pytest

from deskhand.connectors._html import text_of_html

HIDDEN = [
    '<div style="display:none">X</div>',
    '<div style="DISPLAY : None !important">X</div>',
    '<div style="display:/**/none">X</div>',
    r'<div style="d\69splay:none">X</div>',
    '<div style="display&#58;none">X</div>',
    '<div style="display:none" style="display:block">X</div>',
    "<div style='visibility:hidden'>X</div>",
    "<p hidden>X</p>",
    '<p hidden="until-found">X</p>',
    '<span style="font-size:0">X</span>',
    '<span style="font-size:1px">X</span>',
    '<span style="opacity:.01">X</span>',
    '<p style="filter: blur(1px) opacity(0)">X</p>', '<p style="filter:opacity(2%)">X</p>',
    '<div style="max-height:0;overflow:hidden">X</div>',
    '<div style="height:0px;overflow:hidden">X</div>',
    '<div style="width:1px;height:1px;overflow:hidden">X</div>',
    '<div style="position:absolute;left:-9999px">X</div>',
    '<div style="position:fixed; top: -200em">X</div>',
    '<div style="text-indent:-9999px">X</div>',
    '<div style="margin-left:-5000px">X</div>',
    '<div style="position:absolute;clip:rect(0,0,0,0)">X</div>',
    '<div style="clip-path:inset(50%)">X</div>',
    '<div style="transform:scale(0)">X</div>',
    '<div style="mso-hide:all">X</div>',
    '<div style="color:#fff">X</div>',
    '<div style="color:white">X</div>',
    '<div style="color:rgb(254, 254, 254)">X</div>',
    '<div style="color:transparent">X</div>',
    '<div style="color:rgba(0,0,0,0)">X</div>',
    '<font color="#FFFFFF">X</font>',
    '<table bgcolor="#333333"><tr><td style="color:#343434">X</td></tr></table>',
    '<div style="background:#0000ff"><span style="color:blue">X</span></div>',
    "<style>.p{display:none}</style><span class=p>X</span>",
    "<style>#p{display:none}</style><span id=p>X</span>",
    "<style>a.b, span.P {font-size:0}</style><span class='q p'>X</span>",
    "<style>em{opacity:0}</style><em>X</em>",
    "<style>.w{color:#fff}</style><p class=w>X</p>",
    "<!-- X -->", "<!--[if mso]>X<![endif]-->", "<script>X</script>", "<style>X</style>",
    "<template>X</template>",
    "<iframe>X</iframe>", "<canvas>X</canvas>", "<svg><text>X</text></svg>", "<title>X</title>",
    '<img alt="" title="X">', '<input type="hidden" value="X">', "<datalist><option>X</datalist>",
]  # fmt: skip

SEEN = [
    "<p>X</p>",
    '<div style="display:block">X</div>',
    '<div style="font-size:10px">X</div>',
    '<div style="font-size:0.8em">X</div>',
    '<div style="opacity:0.5">X</div>',
    '<p style="filter:opacity(50%)">X</p>', '<p style="filter:blur(0)">X</p>',
    '<div style="opacity:1">X</div>',
    '<div style="max-height:100px">X</div>',
    '<div style="height:0">X</div>',
    '<div style="position:absolute;left:-5px">X</div>',
    '<div style="margin-left:-20px">X</div>',
    '<div style="background:#222"><b style="color:#fff">X</b></div>',
    '<td bgcolor=black><font color=white>X</font></td>',
    '<div style="background:url(x.png)"><b style="color:#fff">X</b></div>',
    '<table background="x.png"><td style="color:white">X</td></table>',
    '<div style="background-color:#fff;background-image:linear-gradient(#000,#111);color:#fff">X</div>',
    "<style>.h{background:#111}</style><div class=h><b style='color:#fff'>X</b></div>",
    "<style>.a .h{background:#111}</style><div class=h><b style='color:#fff'>X</b></div>",
    "<style>.w{color:#fff}.h{background-color:#123456}</style><div class=h><p class=w>X</p></div>",
    "<style>@media print{.p{display:none}}</style><span class=p>X</span>",
    "<style>.p{display:none}</style><span class=p style='display:inline'>X</span>",
    '<span aria-hidden="true">X</span>',
    '<div style="color:#fff"></div>X',
    "<details><summary>s</summary><p>X</p></details>",
    "<noscript>X</noscript>",
]  # fmt: skip


@pytest.mark.parametrize("page", HIDDEN)
def test_what_nobody_sees_is_left_out(page: str) -> None:
    assert text_of_html(f"<p>before</p>{page}<p>after</p>").split() == ["before", "after"]


@pytest.mark.parametrize("page", SEEN)
def test_what_is_seen_is_read(page: str) -> None:
    assert "X" in text_of_html(f"<p>before</p>{page}<p>after</p>").split()


def test_what_is_inside_hidden_stays_hidden_and_what_follows_is_seen() -> None:
    page = (
        "<div style='display:none'><p>a<div style='display:block'>b</div></div><div style='color:red'>c</div>"
    )
    assert text_of_html(page) == "c"


@pytest.mark.parametrize(
    "unit",
    [
        "<div style='color:#fff'>", "<style>.a{",
        "<style>.a{color:#fff}</style><p class=a>",
        "<p style='a:b;", "<p style='/*", r"<p style='\6", "<font color=#fff>x</font>",
        "<style>a b c d,", "<p class='a a a a'>",
    ],
)  # fmt: skip
def test_hostile_pages_end(unit: str) -> None:
    page = unit * (400_000 // len(unit))
    began = process_time()
    text_of_html(page)
    assert process_time() - began < 30
