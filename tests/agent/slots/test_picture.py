"""The picture of who is free when: fits a terminal, stands alone as an SVG, and never shows unknown as free."""

from __future__ import annotations
