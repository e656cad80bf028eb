"""Google's batch endpoints: several requests in one, each answered by itself, in whichever order.

After https://developers.google.com/workspace/calendar/api/guides/batch; at most fifty at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.parser import BytesParser
from email.policy import HTTP

Ask = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Answers one of them: method, path, headers and body; status, and the body, which is JSON."""
MOST = 50


def answered(
    headers: Mapping[str, str], body: bytes, ask: Ask, *, lost: Callable[[str], bool] = lambda _: False
) -> tuple[int, str, bytes]:
    """Status, type and body of the whole answer.

    :param lost: whether what was asked at this path is left out of the answer, as Google never says it does.
    """
    given = {name.lower(): value for name, value in headers.items()}
    whole = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {given.get('content-type', '')}\r\n\r\n".encode() + body
    )
    parts = list(whole.iter_parts()) if whole.is_multipart() else []  # type: ignore[attr-defined]
    if not 0 < len(parts) <= MOST or any(p.get_content_type() != "application/http" for p in parts):
        return 400, "application/json", json.dumps({"error": {"code": 400, "message": "No batch."}}).encode()
    outer = {n: v for n, v in given.items() if n == "authorization"}
    said = b""
    for part in reversed(parts):  # "in any order"
        start, _, rest = part.get_payload(decode=False).replace("\r\n", "\n").partition("\n")
        method, path, _ = start.split(" ")
        head, _, inner = rest.partition("\n\n")
        own = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
        if lost(path):
            continue
        status, data = ask(method, path, {**outer, **own}, inner.encode())
        id_ = str(part["Content-ID"]).strip("<>")
        said += (
            f"--batch_x\r\nContent-Type: application/http\r\nContent-ID: <response-{id_}>\r\n\r\n"
            f"HTTP/1.1 {status} Said\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
        ).encode() + data + b"\r\n"  # fmt: skip
    return 200, "multipart/mixed; boundary=batch_x", said + b"--batch_x--\r\n"
