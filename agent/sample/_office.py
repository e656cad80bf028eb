"""Just enough docx and xlsx, written by hand, and the package all Office files come in.

The same text always gives the same bytes: nothing is compressed, since zlib's output differs between
builds, and no clock is read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from deskhand.agent.sample._markup import Block, Bullet, Heading, Paragraph, Table

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org"
_DOC = f"{OFFICE}/officeDocument/2006"
REL = f"{_DOC}/relationships"
MIME = "application/vnd.openxmlformats-officedocument"


def docx(blocks: Sequence[Block], *, author: str, at: datetime) -> bytes:
    """A Word document: headings, paragraphs, bullets and tables in their order (ECMA-376 part 1, 17)."""
    body = "".join(_word(b) for b in blocks)
    main = (
        f'{XML}<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/>'
        f'<w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr>'
        f'<w:rPr><w:b/><w:sz w:val="{40 - 6 * n}"/></w:rPr></w:style>'
        for n in (1, 2, 3)
    )
    parts = {
        "word/document.xml": main,
        "word/styles.xml": f'{XML}<w:styles xmlns:w="{OFFICE}/wordprocessingml/2006/main">{styles}'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/></w:style>'
        "</w:styles>",
        "word/_rels/document.xml.rels": relations({"rId1": (f"{REL}/styles", "styles.xml")}),
    }
    types = {
        "word/document.xml": f"{MIME}.wordprocessingml.document.main+xml",
        "word/styles.xml": f"{MIME}.wordprocessingml.styles+xml",
    }
    return package("word/document.xml", parts, types, author=author, at=at)


def xlsx(blocks: Sequence[Block], *, author: str, at: datetime) -> bytes:
    """A workbook: one sheet for each heading, holding the tables and lines below it (ECMA-376, 18)."""
    sheets: list[tuple[str, list[tuple[str, ...]]]] = []
    for block in blocks:
        match block:
            case Heading(_, text):
                sheets.append((text[:31], []))
            case Table(rows):
                sheets[-1][1].extend(rows)
            case Bullet(text) | Paragraph(text):
                sheets[-1][1].append((text,))
    names = "".join(
        f'<sheet name="{_attribute(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, (name, _) in enumerate(sheets, 1)
    )
    parts = {
        "xl/workbook.xml": f'{XML}<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" xmlns:r="{REL}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            {f"rId{n}": (f"{REL}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
        ),
    }
    types = {"xl/workbook.xml": f"{MIME}.spreadsheetml.sheet.main+xml"}
    for n, (_, cells) in enumerate(sheets, 1):
        lines = "".join(
            f'<row r="{r}">' + "".join(_cell(f"{chr(64 + c)}{r}", v) for c, v in enumerate(row, 1)) + "</row>"
            for r, row in enumerate(cells, 1)
        )
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{XML}<worksheet xmlns="{OFFICE}/spreadsheetml/2006/main">'
            f"<sheetData>{lines}</sheetData></worksheet>"
        )
        types[f"xl/worksheets/sheet{n}.xml"] = f"{MIME}.spreadsheetml.worksheet+xml"
    return package("xl/workbook.xml", parts, types, author=author, at=at)


def _word(block: Block) -> str:
    match block:
        case Heading(level, text):
            return _paragraph(text, f"Heading{level}")
        case Bullet(text):
            return _paragraph(text, "ListBullet")
        case Paragraph(text):
            return _paragraph(text)
        case Table(rows):
            grid = '<w:gridCol w:w="3000"/>' * len(rows[0])
            cells = ["".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in row) for row in rows]
            lines = "".join(f"<w:tr>{row}</w:tr>" for row in cells)
            return (
                '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
                f"<w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>"
            )


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _cell(place: str, value: str) -> str:
    number = value.replace(",", "")
    if number.replace(".", "", 1).isdigit():
        return f'<c r="{place}"><v>{number}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def relations(relations: Mapping[str, tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'
        for name, (kind, target) in relations.items()
    )
    return f'{XML}<Relationships xmlns="{OFFICE}/package/2006/relationships">{rows}</Relationships>'


def package(
    main: str, parts: Mapping[str, str], types: Mapping[str, str], *, author: str, at: datetime
) -> bytes:
    """The zip around the parts, with who and when (ECMA-376 part 2: Open Packaging Conventions)."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    core = (
        f'{XML}<cp:coreProperties xmlns:cp="{OFFICE}/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:creator>{escape(author)}</dc:creator><cp:lastModifiedBy>{escape(author)}</cp:lastModifiedBy>"
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{stamp}</dcterms:modified></cp:coreProperties>'
    )
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{mime}"/>'
        for name, mime in {
            **types,
            "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        }.items()
    )
    everything = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": relations(
            {
                "rId1": (f"{REL}/officeDocument", main),
                "rId2": (
                    f"{OFFICE}/package/2006/relationships/metadata/core-properties",
                    "docProps/core.xml",
                ),
            }
        ),
        "docProps/core.xml": core,
        **parts,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in everything.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else it names the machine's own
            archive.writestr(entry, text)
    return buffer.getvalue()


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
