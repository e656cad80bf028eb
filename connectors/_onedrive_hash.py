"""The hash that SharePoint tells of a file: QuickXorHash, by which bytes that were cut off are noticed.

https://learn.microsoft.com/en-us/onedrive/developer/code-snippets/quickxorhash
"""

from __future__ import annotations

import base64

_BITS, _STEP = 160, 11


def quick_xor(data: bytes) -> str:
    """The hash of bytes, in base64. It protects from accidents, and from nobody who means it."""
    folded = 0
    for n in range(0, len(data), _BITS):  # byte n is turned by 11 n bits, which begins anew after 160 bytes
        folded ^= int.from_bytes(data[n : n + _BITS], "little")
    made, all_ = 0, (1 << _BITS) - 1
    for n in range(_BITS):
        turned = ((folded >> 8 * n) & 0xFF) << (n * _STEP % _BITS)
        made ^= (turned & all_) | (turned >> _BITS)
    return base64.b64encode((made ^ (len(data) << (_BITS - 64))).to_bytes(20, "little")).decode()
