"""What one leaf brings to its fleet, as one line of JSON.

It is right for the text of the leaf, the text of the context, and the lists of
annotations that the tenants' other leaves make necessary; for nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Lists = Mapping[str, Mapping[str, str] | None]
    Row = Sequence[str]


class Share(NamedTuple):
    """What a leaf brings.

    *context* is the digest of the context and *under* has the annotation lists of its
    tenants, under which the rest was made; *needs* are the lists that it alone would
    make necessary.  *files* are path, kind, role, cluster and hash; *fragments* are for
    the bootstraps of tenants; *meaning* has the lines for the lock, each Service's
    behind its place in the order.
    """

    context: str
    speaks: Mapping[str, bool]
    under: Lists
    needs: Lists
    claims: Sequence[Row]
    evidence: Sequence[Row]
    files: Sequence[Row]
    fragments: Sequence[tuple[str, Sequence[Any]]]
    meaning: Sequence[tuple[Sequence[object], Sequence[str]]]

    def line(self) -> bytes:
        """Return the share as a line."""
        return _encode(self).encode()


def share_of(line: bytes) -> Share | None:
    """Return the share on *line*; None where it is none."""
    try:
        share = Share(*json.loads(line))
    except (TypeError, ValueError, RecursionError):
        return None
    return share if _is_sound(share) else None


def texts_line(texts: Sequence[str]) -> bytes:
    """Return the texts of the files of a share, in their order, as a line."""
    return _encode(texts).encode()


def texts_of(line: bytes) -> list[str] | None:
    """Return the texts on *line*; None where there are none."""
    try:
        texts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(texts, list) and all(isinstance(each, str) for each in texts):
        return texts
    return None


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_KINDS = (str, dict, dict, dict, list, list, list, list, list)


def _is_sound(share: Share) -> bool:
    # A line is whole where its check is right; this is against other programs' lines.
    return all(
        isinstance(each, kind) for each, kind in zip(share, _KINDS, strict=True)
    )
