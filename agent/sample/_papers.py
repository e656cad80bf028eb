"""A document of the script as the bytes of a real file; the ending of its name says which kind."""

from __future__ import annotations

from pathlib import PurePosixPath

from deskhand.agent.sample._markup import blocks
from deskhand.agent.sample._office import docx, xlsx
from deskhand.agent.sample._pdf import pdf
from deskhand.agent.sample._slides import pptx
from deskhand.agent.sample.story import Revision

MIME = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".pdf": "application/pdf",
    ".md": "text/markdown",
    ".txt": "text/plain",
}
_OFFICE = {".docx": docx, ".xlsx": xlsx, ".pptx": pptx}


def paper(revision: Revision) -> bytes:
    """The file of a revision that is there. :raises ValueError: a kind of file nobody here can write."""
    path, text = PurePosixPath(revision.path), revision.text or ""
    if path.suffix in (".md", ".txt"):
        return text.encode()
    if path.suffix == ".pdf":
        return pdf(blocks(text), title=path.stem, author=revision.author.name, at=revision.when)
    if (write := _OFFICE.get(path.suffix)) is None:
        raise ValueError(f"{path}: no such kind of document; known: {', '.join(MIME)}")
    return write(blocks(text), author=revision.author.name, at=revision.when)
