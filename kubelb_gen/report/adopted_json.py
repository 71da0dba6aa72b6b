"""What was adopted, as JSON; the shape is `schemas/adopt-v1.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.json import json_text

if TYPE_CHECKING:
    from kubelb_gen.adopt import Adopted


def adopted_json(adopted: Adopted) -> str:
    """Return *adopted* as one JSON document, version 1, the last line ended."""
    return json_text(
        {
            "version": 1,
            "spec": adopted.data,
            "services": adopted.services,
            "backends": adopted.backends,
            "unknown": adopted.unknown,
            "guessed": adopted.guessed,
            "notes": [each.message for each in adopted.told],
        }
    )
