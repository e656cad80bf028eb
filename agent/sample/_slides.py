"""Just enough pptx, written by hand: one plain slide for each heading (ECMA-376 part 1, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from deskhand.agent.sample._markup import Block, Bullet, Heading, Paragraph, Table
from deskhand.agent.sample._office import MIME, OFFICE, REL, XML, package, relations

_SPACES = (
    f'xmlns:p="{OFFICE}/presentationml/2006/main" xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:r="{REL}"'
)
_ROOT = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
"""The group every slide's shapes hang on."""


def pptx(blocks: Sequence[Block], *, author: str, at: datetime) -> bytes:
    """A presentation: one slide for each heading, with the lines below it (ECMA-376, 19)."""
    slides: list[tuple[str, list[str]]] = []
    for block in blocks:
        match block:
            case Heading(_, text):
                slides.append((text, []))
            case Table(rows):
                slides[-1][1].extend(" · ".join(row) for row in rows)
            case Bullet(text) | Paragraph(text):
                slides[-1][1].append(text)
    count = len(slides)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n + 1}"/>' for n in range(1, count + 1))
    colours = {
        "bg1": "lt1",
        "tx1": "dk1",
        "bg2": "lt2",
        "tx2": "dk2",
        "hlink": "hlink",
        "folHlink": "folHlink",
    }
    colours |= {f"accent{n}": f"accent{n}" for n in range(1, 7)}
    mapped = " ".join(f'{name}="{to}"' for name, to in colours.items())
    parts = {
        "ppt/presentation.xml": f"{XML}<p:presentation {_SPACES}><p:sldMasterIdLst>"
        '<p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        f'<p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="12192000" cy="6858000"/>'
        '<p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": relations(
            {"rId1": (f"{REL}/slideMaster", "slideMasters/slideMaster1.xml")}
            | {f"rId{n + 1}": (f"{REL}/slide", f"slides/slide{n}.xml") for n in range(1, count + 1)}
        ),
        "ppt/slideMasters/slideMaster1.xml": f"{XML}<p:sldMaster {_SPACES}><p:cSld>"
        f"<p:spTree>{_ROOT}</p:spTree></p:cSld>"
        f'<p:clrMap {mapped}/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/>'
        "</p:sldLayoutIdLst></p:sldMaster>",
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": relations(
            {
                "rId1": (f"{REL}/slideLayout", "../slideLayouts/slideLayout1.xml"),
                "rId2": (f"{REL}/theme", "../theme/theme1.xml"),
            }
        ),
        "ppt/slideLayouts/slideLayout1.xml": f"{XML}<p:sldLayout {_SPACES}><p:cSld>"
        f"<p:spTree>{_ROOT}</p:spTree></p:cSld></p:sldLayout>",
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relations(
            {"rId1": (f"{REL}/slideMaster", "../slideMasters/slideMaster1.xml")}
        ),
        "ppt/theme/theme1.xml": _theme(),
    }
    types = {
        "ppt/presentation.xml": f"{MIME}.presentationml.presentation.main+xml",
        "ppt/slideMasters/slideMaster1.xml": f"{MIME}.presentationml.slideMaster+xml",
        "ppt/slideLayouts/slideLayout1.xml": f"{MIME}.presentationml.slideLayout+xml",
        "ppt/theme/theme1.xml": f"{MIME}.theme+xml",
    }
    for n, (title, lines) in enumerate(slides, 1):
        shapes = _shape(2, "title", 400000, 1200000, [title]) + _shape(3, "body", 1800000, 4500000, lines)
        parts[f"ppt/slides/slide{n}.xml"] = (
            f"{XML}<p:sld {_SPACES}><p:cSld><p:spTree>{_ROOT}{shapes}</p:spTree></p:cSld></p:sld>"
        )
        parts[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(
            {"rId1": (f"{REL}/slideLayout", "../slideLayouts/slideLayout1.xml")}
        )
        types[f"ppt/slides/slide{n}.xml"] = f"{MIME}.presentationml.slide+xml"
    return package("ppt/presentation.xml", parts, types, author=author, at=at)


def _shape(number: int, kind: str, top: int, height: int, lines: Sequence[str]) -> str:
    text = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines) or "<a:p/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{kind} {number}"/><p:cNvSpPr/>'
        f'<p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="600000" y="{top}"/>'
        f'<a:ext cx="11000000" cy="{height}"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:bodyPr/>{text}</p:txBody></p:sp>"
    )


def _theme() -> str:
    """The least a presentation program accepts: twelve colours, two fonts, three of each format."""
    scheme = {"dk1": "1B2A33", "lt1": "FFFFFF", "dk2": "24505E", "lt2": "F3EFE6", "hlink": "24505E"}
    scheme |= {f"accent{n}": "E0A030" for n in range(1, 7)} | {"folHlink": "6B5B7B"}
    order = ["dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink"]
    colours = "".join(f'<a:{c}><a:srgbClr val="{scheme[c]}"/></a:{c}>' for c in order)
    font = '<a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    parts = [
        f'<a:clrScheme name="Plain">{colours}</a:clrScheme>',
        f'<a:fontScheme name="Plain"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont>',
        '</a:fontScheme><a:fmtScheme name="Plain">',
        f"<a:fillStyleLst>{fill * 3}</a:fillStyleLst>",
        f"<a:lnStyleLst>{f'<a:ln>{fill}</a:ln>' * 3}</a:lnStyleLst>",
        f"<a:effectStyleLst>{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}</a:effectStyleLst>",
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>",
    ]
    space = f"{OFFICE}/drawingml/2006/main"
    elements = f"<a:themeElements>{''.join(parts)}</a:themeElements>"
    return f'{XML}<a:theme xmlns:a="{space}" name="Plain">{elements}</a:theme>'
