"""YAML events into plain data and positions, in one pass and without recursion.

An alias shares the value of its anchor.  The data is a tree for whoever walks it,
so what aliases and merges add to it is counted, and refused past a budget: ten
lines of aliases can stand for more values than there are atoms in the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from kubelb_gen.document.frames import NOWHERE, Frame, RefusedKey, Value
from kubelb_gen.document.positions import Entry, Marks, Span
from kubelb_gen.document.problems import Problems
from kubelb_gen.document.scalars import (
    forbidden_character,
    joined_surrogates,
    resolved,
    without_old_breaks,
)

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic

MOST_LEVELS = 64
MOST_ALIASED_VALUES = 100_000

_REFUSED = RefusedKey()


class _Stop(Exception):  # noqa: N818  control flow within this module
    """Reading on would be noise."""


class YamlReader:
    """Reads one text; `roots` and `diagnostics` hold what came of it."""

    def __init__(self, name: str, text: str) -> None:
        self._text = text
        self._problems = Problems(name, text)
        self._tell = self._problems.tell
        self.roots: list[tuple[Any, Marks]] = []
        self._stack: list[Frame] = []
        self._anchors: dict[str, Value | None] = {}
        self._aliased = 0
        self._hidden: dict[int, int] = {}
        self._last = NOWHERE

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Return the problems found, in the order of reading."""
        return self._problems.found

    def read(self) -> None:
        """Read to the end, or to where the text stops being YAML."""
        if self._problems.tell_unprintable():
            return
        text, self._hidden = without_old_breaks(self._text)
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                self._take(event)
        except _Stop:
            pass
        except MarkedYAMLError as error:
            self._problems.tell_syntax(error, self._last)
        except (YAMLError, ValueError, OverflowError, IndexError) as error:
            # The scanner converts escapes and directives without looking first.
            self._tell("yaml-syntax", f"not YAML: {error}", self._last)

    def _take(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        span = Span(start.line, start.column, end.line, end.column)
        self._last = span
        match event:
            case ScalarEvent():
                self._refuse_tag(event, span)
                self._scalar(event, span)
            case MappingStartEvent():
                self._open({}, event, span)
            case SequenceStartEvent():
                self._open([], event, span)
            case MappingEndEvent() | SequenceEndEvent():
                self._close(span)
            case AliasEvent():
                self._alias(event.anchor, span)
            case DocumentStartEvent():
                self._anchors = {}
                if event.version not in (None, (1, 2)):
                    self._tell(
                        "yaml-version",
                        "a spec is read as YAML 1.2, this document asks for another",
                        span,
                    )

    def _scalar(self, event: Any, span: Span) -> None:
        text = event.value
        if self._hidden:
            text = text.translate(self._hidden)
        plain = event.implicit[0] and event.style is None
        if (found := forbidden_character(text)) is not None:
            text = joined_surrogates(text)
            if (found := forbidden_character(text)) is not None:
                self._tell(
                    "control-character",
                    f"text with the character U+{ord(found):04X} fits no output",
                    span,
                )
        if plain and text == "<<" and self._stack and self._stack[-1].awaits_key:
            frame = self._stack[-1]
            frame.key, frame.key_span, frame.merging = text, span, True
            return
        data = resolved(text) if plain else text
        value = Value(data, span, None, 1)
        if event.anchor:
            self._anchors[event.anchor] = value
        self._put(value)

    def _open(self, data: Any, event: Any, span: Span) -> None:
        self._refuse_tag(event, span)
        if len(self._stack) >= MOST_LEVELS:
            message = f"nested more than {MOST_LEVELS} levels deep"
            self._tell("too-deep", message, span)
            raise _Stop
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(Frame(data, Marks(span), event.anchor))

    def _close(self, end: Span) -> None:
        frame = self._stack.pop()
        value = frame.closed(end)
        if frame.anchor:
            self._anchors[frame.anchor] = value
        self._put(value)

    def _alias(self, anchor: str, span: Span) -> None:
        if anchor not in self._anchors:
            self._tell("unknown-anchor", f"nothing is anchored as '&{anchor}'", span)
            self._put(Value(None, span, None, 1))
            return
        value = self._anchors[anchor]
        if value is None:
            self._tell("endless-alias", f"'*{anchor}' stands inside itself", span)
            raise _Stop
        self._spend(value.size, span)
        self._put(value)

    def _spend(self, size: int, span: Span) -> None:
        self._aliased += size
        if self._aliased > MOST_ALIASED_VALUES:
            message = f"aliases stand for more than {MOST_ALIASED_VALUES} values"
            self._tell("too-many-aliases", message, span)
            raise _Stop

    def _put(self, value: Value) -> None:
        if not self._stack:
            marks = value.marks if value.marks is not None else Marks(value.span)
            self.roots.append((value.data, marks))
            return
        frame = self._stack[-1]
        frame.size += value.size
        if isinstance(frame.data, list):
            entry = Entry(value.span, value.span, value.marks)
            frame.marks.members[len(frame.data)] = entry
            frame.data.append(value.data)
        elif frame.key is None:
            self._put_key(frame, value)
        else:
            self._put_member(frame, frame.key, value)
            frame.key, frame.merging = None, False

    def _put_key(self, frame: Frame, value: Value) -> None:
        frame.key_span = value.span
        if isinstance(value.data, str):
            frame.key = value.data
            if first := frame.marks.members.get(value.data):
                self._tell(
                    "duplicate-key",
                    f"'{value.data}' stands twice in one mapping",
                    value.span,
                    label=f"first on line {first.key.line + 1}",
                )
            return
        frame.key = _REFUSED
        if value.marks is not None:
            self._tell(
                "key-not-text", "a key must be text, not a structure", value.span
            )
        else:
            written = self._problems.lines[value.span.line][
                value.span.column : value.span.end_column
            ]
            message = f"the key '{written}' is not text"
            self._tell("key-not-text", message, value.span, hint="put it in quotes")

    def _put_member(self, frame: Frame, key: str | RefusedKey, value: Value) -> None:
        if isinstance(key, RefusedKey):
            return
        if frame.merging:
            self._merge(frame, value)
        elif key not in frame.marks.members:
            frame.data[key] = value.data
            frame.marks.members[key] = Entry(frame.key_span, value.span, value.marks)

    def _merge(self, frame: Frame, value: Value) -> None:
        for part in value.parts():
            if not isinstance(part.data, dict):
                message = "'<<' merges mappings, this is none"
                self._tell("merge-not-mapping", message, part.span)
                continue
            self._spend(len(part.data), part.span)
            frame.merges.append(part)

    def _refuse_tag(self, event: Any, span: Span) -> None:
        if event.ctag is not None and event.tag is not None:
            self._tell(
                "tag-refused",
                f"the tag '{event.tag}' is not read",
                span,
                hint="a spec is plain data; leave the tag out",
            )
