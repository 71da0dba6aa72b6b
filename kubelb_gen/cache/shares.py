"""What one leaf brings to its fleet, as JSON and texts.

It is right for the text of the leaf, the text of the context, and the lists of
annotations that the tenants' other leaves make necessary; for nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.cache.log import Frame
from kubelb_gen.cache.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubelb_gen.artifacts import Artifact

    Lists = Mapping[str, Mapping[str, str] | None]
    # Path, kind, role, cluster and hash of a file.
    Row = tuple[str, str, str, str, str]
    # Where a Service or Gateway stands in the order of all, and its part of the lock.
    Said = tuple[Sequence[object], str]

# No name and no message holds it.
_BETWEEN = "\0"


class Share(NamedTuple):
    """What a leaf brings.

    *context* is the digest of the context and *under* has the annotation lists of its
    tenants, under which the rest was made; *needs* are the lists that it alone would
    make necessary.  *meaning* is for the
    lock, what is said of each Service behind its place in the order; *pieces* are for
    the bootstraps of tenants.
    """

    context: str
    speaks: Mapping[str, bool]
    under: Lists
    needs: Lists
    claims: Sequence[str]
    evidence: Sequence[str]
    files: Sequence[Row]
    meaning: Sequence[Said]
    pieces: Pieces

    def frame(self) -> Frame:
        """Return the share as it is kept: long texts apart, past JSON's escapes."""
        said = [(owner, len(block)) for owner, block in self.meaning]
        text = "".join(block for _, block in self.meaning).encode()
        rows, pieces, digest = self.pieces
        head = (*self[:-2], said, rows, digest, len(text))
        return Frame(_encode(head).encode(), text + pieces)


def share_of(frame: Frame) -> Share | None:
    """Return the share in *frame*; None where it is none."""
    try:
        *plain, said, rows, digest, length = json.loads(frame.head)
        text = _Text(str(frame.body[:length], "utf-8"))
        meaning = [(owner, text.take(length)) for owner, length in said]
        pieces = Pieces(rows, frame.body[length:], digest)
        share = Share._make([*plain, meaning, pieces])
    except (TypeError, ValueError, RecursionError):
        return None
    return share if _is_sound(share) else None


def told(words: Iterable[tuple[str, ...]]) -> list[str]:
    """Return each claim, or each piece of evidence, as one text."""
    return [*map(_BETWEEN.join, words)]


def words_of(told: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield what `told` made texts of."""
    return (tuple(each.split(_BETWEEN)) for each in told)


def texts_frame(texts: Sequence[str]) -> Frame:
    """Return the texts of the files of a share, in their order, as they are kept."""
    head = _encode([*map(len, texts)])
    return Frame(head.encode(), "".join(texts).encode())


def texts_of(frame: Frame) -> list[str] | None:
    """Return the texts in *frame*; None where there are none."""
    try:
        text = _Text(str(frame.body, "utf-8"))
        return [*map(text.take, json.loads(frame.head))]
    except (TypeError, ValueError, RecursionError):
        return None


def row_of(file: Artifact) -> Row:
    """Return what is kept of *file* besides its text."""
    return file.path, file.kind, file.role, file.cluster, file.sha256


def rows_frame(rows: Sequence[Row]) -> Frame:
    """Return *rows* of files as they are kept."""
    return Frame(_encode(rows).encode(), b"")


def rows_of(frame: Frame) -> list[Row] | None:
    """Return the rows of files in *frame*; None where there are none."""
    try:
        rows = json.loads(frame.head)
        return [(path, kind, role, who, sha) for path, kind, role, who, sha in rows]
    except (TypeError, ValueError, RecursionError):
        return None


class _Text:
    """A text that is taken apart from its beginning on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def take(self, length: int) -> str:
        start = self._at
        self._at += length
        return self._text[start : self._at]


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_KINDS = [str, dict, dict, dict, list, list, list, list, Pieces]


def _is_sound(share: Share) -> bool:
    # What we wrote is whole where its check is right; what others wrote is not read.
    return [*map(type, share)] == _KINDS and (
        share.speaks.keys() == share.under.keys() == share.needs.keys()
    )
