"""Small real documents, written by hand: what an office program would have saved, without the program."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PKG = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument"


def docx(paragraphs: Sequence[str], *, title: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{escape(p)}</w:t></w:r></w:p>" for p in paragraphs)
    document = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    return _package(
        "word/document.xml", f"{_OFFICE}.wordprocessingml.document.main+xml", document, title=title
    )


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(c)}</t></is></c>' for c in row) + "</row>"
        for row in rows
    )
    return _package(
        "xl/workbook.xml",
        f"{_OFFICE}.spreadsheetml.sheet.main+xml",
        f'<workbook xmlns="{space}" xmlns:r="{_REL}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        parts={
            "xl/_rels/workbook.xml.rels": _rels(("r1", f"{_REL}/worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData>'
            "</worksheet>",
        },
        types={"/xl/worksheets/sheet1.xml": f"{_OFFICE}.spreadsheetml.worksheet+xml"},
    )


def pptx(slides: Sequence[str]) -> bytes:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(len(slides)))
    parts = {
        "ppt/_rels/presentation.xml.rels": _rels(
            *((f"r{n}", f"{_REL}/slide", f"slides/slide{n + 1}.xml") for n in range(len(slides)))
        )
    }
    for n, text in enumerate(slides):
        parts[f"ppt/slides/slide{n + 1}.xml"] = (
            f'<p:sld xmlns:p="{p}" xmlns:a="{a}"><p:cSld><p:spTree><p:sp><p:txBody>'
            f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    return _package(
        "ppt/presentation.xml",
        f"{_OFFICE}.presentationml.presentation.main+xml",
        f'<p:presentation xmlns:p="{p}" xmlns:r="{_REL}"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>',
        parts=parts,
        types={
            f"/ppt/slides/slide{n + 1}.xml": f"{_OFFICE}.presentationml.slide+xml" for n in range(len(slides))
        },
    )


def pdf(text: str, *, title: str = "") -> bytes:
    """One page with one line of text. ASCII without brackets."""
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Title({title})>>",
    ]
    out, places = b"%PDF-1.4\n", list[int]()
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        out
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R/Info 6 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
        ).encode()
    )


def eml(subject: str, body: str) -> bytes:
    return (
        f"From: Ana Test <ana@example.org>\r\nTo: bo@example.org\r\nSubject: {subject}\r\n"
        "Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


def bomb(megabytes: int = 300) -> bytes:
    """A Word document of half a megabyte that unpacks to hundreds."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx(["x"]))) as small,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in small.infolist():
            if entry.filename != "word/document.xml":
                out.writestr(entry.filename, small.read(entry))
        head, tail = small.read("word/document.xml").split(b">x<")
        with out.open("word/document.xml", "w", force_zip64=True) as file:
            file.write(head + b">")
            for _ in range(megabytes):
                file.write(b"a " * (1 << 19))
            file.write(b"<" + tail)
    return packed.getvalue()


def _package(
    main: str,
    mime: str,
    document: str,
    *,
    title: str = "",
    parts: dict[str, str] | None = None,
    types: dict[str, str] | None = None,
) -> bytes:
    core = "docProps/core.xml"
    overrides = {f"/{main}": mime, f"/{core}": "application/vnd.openxmlformats-package.core-properties+xml"}
    overrides |= types or {}
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PKG}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{n}" ContentType="{t}"/>' for n, t in overrides.items())
        + "</Types>",
        "_rels/.rels": _rels(
            ("r1", f"{_REL}/officeDocument", main),
            ("r2", f"{_PKG}/relationships/metadata/core-properties", core),
        ),
        core: f'<cp:coreProperties xmlns:cp="{_PKG}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>',
        main: document,
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def _rels(*relations: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{to}"/>' for i, t, to in relations)
    return f'<Relationships xmlns="{_PKG}/relationships">{inner}</Relationships>'
