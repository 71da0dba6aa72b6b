"""A text after a change of its data, with all else as its author wrote it."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ruamel.yaml import YAML

# How lists stand under their keys: two columns in, or below them.
_INDENTS = ((4, 2), (2, 0))
_NO_WRAP = 10_000
# ruamel.yaml takes a second for this many characters there and back.
_MOST_CHARACTERS = 60_000
_UNFIT = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


def edited(text: str, change: Callable[[Any], None]) -> str | None:
    """Return *text* after *change* was made to its data; comments and order stay.

    None where the text could not be written back as it is, so that nobody finds lines
    changed that say the same, and where it is long.
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  few runs edit

    for sequence, offset in _INDENTS:
        yaml = _writer(sequence, offset)
        try:
            data = yaml.load(text)
            if _written(yaml, data) == text:
                change(data)
                return _written(yaml, data)
        except (*_UNFIT, YAMLError):
            return None
    return None


def _writer(sequence: int, offset: int) -> YAML:
    from ruamel.yaml import YAML  # noqa: PLC0415

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NO_WRAP
    yaml.indent(mapping=2, sequence=sequence, offset=offset)
    return yaml


def _written(yaml: YAML, data: object) -> str:
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()
