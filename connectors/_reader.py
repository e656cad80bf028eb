"""Reads office files, PDF, HTML and mail files in a process of their own (kreuzberg).

Parsers of these formats are native code fed with strangers' bytes: one that hangs, crashes or eats
memory must cost one document, not the pass. The child is started once, costs 0.2 s then and about
a millisecond a document after that, and is replaced when it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any

SECONDS = 60
"""What one document may take."""
MEMORY = 4 << 30
"""Bytes of address space the child may have."""
CHARACTERS = 10_000_000
"""More text than this is cut off, and the note says so."""

_NAMES = """
PATH HOME LANG TZ TMPDIR TEMP TMP SYSTEMROOT WINDIR PYTHONPATH PYTHONHOME
LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH
"""
_NEEDED = frozenset(_NAMES.split())

_REQUEST = struct.Struct(">II")
_ANSWER = struct.Struct(">I")


class Unreadable(Exception):
    """The bytes are not what they claim to be; the message is the reason, for the person."""

    @property
    def reason(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says: its text, its own title where it has one, a note where something is missing."""

    text: str = ""
    title: str = ""
    note: str = ""

    @classmethod
    def of(cls, text: str, title: str = "", note: str = "") -> Text:
        """Clean text of bounded length: line ends are `\\n`, no NUL, no surrogates."""
        if len(text) > CHARACTERS:
            text, note = text[:CHARACTERS], f"only the first {CHARACTERS:,} characters were read"
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        return cls(text.encode(errors="replace").decode(), " ".join(title.split())[:200], note)


class Reader:
    """The child process, as long as it is needed. Safe to share between threads."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, data: bytes, mime: str) -> Text:
        """Text and title of a document of this MIME type.

        :raises Unreadable: broken bytes, a password, or a parser that hung or crashed on them.
        """
        with self._lock:
            child = self._child = self._child or self._start()
            late = threading.Event()
            timer = threading.Timer(self._seconds, _end, (child, late))
            timer.daemon = True
            timer.start()
            try:
                answer = _ask(child, data, mime)
            except (OSError, EOFError):
                self._stop()
                raise Unreadable(
                    f"reading it took longer than {self._seconds:g} seconds"
                    if late.is_set()
                    else "the program that reads this format crashed on it"
                ) from None
            except BaseException:  # Ctrl-C between question and answer: the next answer would be this one
                self._stop()
                raise
            finally:
                timer.cancel()
        if reason := answer.get("unreadable"):
            raise Unreadable(reason)
        return Text(answer["text"], answer["title"], answer["note"])

    def close(self) -> None:
        """End the child; a later `read` starts a new one."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-P", "-m", __name__, str(self._seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_surroundings(),
        )  # fmt: skip

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    with contextlib.suppress(OSError):  # unsent bytes of a request that died with it
                        pipe.close()
            child.wait()


def _surroundings() -> dict[str, str]:
    """What of the environment the child gets: a parser that a document takes over finds no password there."""
    return {n: v for n, v in os.environ.items() if n.upper() in _NEEDED or n.startswith("LC_")}


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _ask(child: subprocess.Popen[bytes], data: bytes, mime: str) -> dict[str, str]:
    to, back = child.stdin, child.stdout
    if to is None or back is None:
        raise EOFError
    name = mime.encode()
    to.write(_REQUEST.pack(len(name), len(data)) + name)
    to.write(data)
    to.flush()
    answer: dict[str, str] = json.loads(_exactly(back, *_ANSWER.unpack(_exactly(back, _ANSWER.size))))
    return answer


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


# ------------------------------------------------------------------ in the child


def _serve(seconds: float) -> None:
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Native code may print; nothing but answers may reach the pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limits on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while header := requests.read(_REQUEST.size):
        mime_size, size = _REQUEST.unpack(header)
        mime = _exactly(requests, mime_size).decode()
        data = _exactly(requests, size)
        if hasattr(signal, "alarm"):  # a child whose parent was killed must not hang for ever
            signal.alarm(int(seconds * 2) + 1)
        answer = json.dumps(_extract(data, mime)).encode()
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        answers.write(_ANSWER.pack(len(answer)) + answer)
        answers.flush()


def _extract(data: bytes, mime: str) -> dict[str, str]:
    from kreuzberg import ExtractionConfig, KreuzbergError, extract_bytes_sync

    # Its cache would leave a second copy of private text in the person's cache folder.
    config = ExtractionConfig(use_cache=False, enable_quality_processing=False)
    try:
        result = extract_bytes_sync(data, mime, config=config)
    except (KreuzbergError, ValueError, RuntimeError, OSError, MemoryError) as error:
        return {"unreadable": _reason(str(error), data, mime)}
    about: dict[str, Any] = dict(result.metadata)
    if mime == "message/rfc822" and not (result.content.strip() or about.get("from_email")):
        return {"unreadable": "there is no message in it"}
    read = Text.of(result.content, str(about.get("title") or about.get("subject") or ""))
    return {"text": read.text, "title": read.title, "note": read.note}


_PDF, _PACKED, _OLD = "a PDF", "an Office file or an e-book", "an Office file of the old kind"
_BEGINS = {_PDF: b"%PDF-", _PACKED: b"PK\x03\x04", _OLD: b"\xd0\xcf\x11\xe0"}
"""How files of a format begin, by what a person calls it."""


def _format(mime: str) -> str:
    """Which of these formats a MIME type is of; "" where it is another one."""
    if mime == "application/pdf":
        return _PDF
    if any(word in mime for word in ("openxmlformats", "opendocument", "macroenabled", "epub")):
        return _PACKED
    old = mime.endswith(("msword", "vnd.ms-excel", "vnd.ms-powerpoint", "vnd.ms-outlook"))
    return _OLD if old else ""


def _reason(error: str, data: bytes, mime: str) -> str:
    """Why bytes cannot be read, by what they are: the words of the library tell a person nothing."""
    low = error.lower()
    if "password" in low or "encrypt" in low:
        return "it is protected by a password"
    if "security limit" in low:
        return "it unpacks to far more than its size (a so-called zip bomb)"
    called = _format(mime)
    if called and _BEGINS[called] not in data[:1024]:
        return f"it does not begin as {called} does: it is damaged, or not what its name says"
    if called == _PDF and b"%%EOF" not in data[-2048:]:
        return "it is damaged: it begins as a PDF, and its end is missing"
    if called == _PACKED:
        import io
        import zipfile

        if not zipfile.is_zipfile(io.BytesIO(data)):
            return "it is damaged: its end is missing"
        return "it is damaged, or not what its name says: a part that all such files have is missing"
    return "it is damaged: its parts do not fit together"


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
