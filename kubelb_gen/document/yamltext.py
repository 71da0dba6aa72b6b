"""YAML events into plain data and positions, in one pass and without recursion.

An alias shares the value of its anchor.  The data is a tree for whoever walks it,
so what aliases and merges add to it is counted, and refused past a budget: ten
lines of aliases can stand for more values than there are atoms in the world.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

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

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.document.positions import Entry, Marks, Span, lines_of, location
from kubelb_gen.document.scalars import (
    forbidden_character,
    joined_surrogates,
    resolved,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LEVELS = 64
MOST_ALIASED_VALUES = 100_000

_NOT_PRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


class _Refused:
    """Stands for a key that was refused, so that its value goes nowhere."""


_REFUSED = _Refused()
_NO_KEY = None


class _Value(NamedTuple):
    data: Any
    span: Span
    marks: Marks | None
    size: int


@dataclass(slots=True)
class _Frame:
    """A container that is still open."""

    data: Any
    marks: Marks
    anchor: str | None
    key: str | _Refused | None = None
    key_span: Span = Span(0, 0, 0, 0)
    merging: bool = False
    merges: list[_Value] = field(default_factory=list)
    size: int = 1


class _Stop(Exception):  # noqa: N818  control flow within this module
    """Reading on would be noise."""


class YamlReader:
    """Reads one text; `roots` and `diagnostics` hold what came of it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.lines = lines_of(text)
        self.roots: list[tuple[Any, Marks]] = []
        self.diagnostics: list[Diagnostic] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Value | None] = {}
        self._aliased = 0

    def read(self) -> None:
        """Read to the end, or to where the text stops being YAML."""
        try:
            self._refuse_unprintable()
            for event in self._events():
                self._take(event)
        except _Stop:
            pass
        except MarkedYAMLError as error:
            self._tell_syntax(error)
        except (YAMLError, ValueError, OverflowError, IndexError) as error:
            # The scanner converts escapes and directives without looking first.
            self._tell("yaml-syntax", f"not YAML: {error}", self._last)

    _last = Span(0, 0, 0, 1)

    def _events(self) -> Iterator[Any]:
        yaml = YAML(typ="safe", pure=True)
        yield from yaml.parse(self.text)

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
        plain = event.implicit[0] and event.style is None
        if (found := forbidden_character(text)) is not None:
            text = joined_surrogates(text)
            if (found := forbidden_character(text)) is not None:
                self._tell(
                    "control-character",
                    f"text with the character U+{ord(found):04X} fits no output",
                    span,
                )
        if plain and text == "<<" and self._awaits_key():
            frame = self._stack[-1]
            frame.key, frame.key_span, frame.merging = text, span, True
            return
        data = resolved(text) if plain else text
        value = _Value(data, span, None, 1)
        if event.anchor:
            self._anchors[event.anchor] = value
        self._put(value)

    def _awaits_key(self) -> bool:
        return bool(
            self._stack
            and isinstance(self._stack[-1].data, dict)
            and self._stack[-1].key is _NO_KEY
        )

    def _open(self, data: Any, event: Any, span: Span) -> None:
        self._refuse_tag(event, span)
        if len(self._stack) >= MOST_LEVELS:
            message = f"nested more than {MOST_LEVELS} levels deep"
            self._tell("too-deep", message, span)
            raise _Stop
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(data, Marks(span), event.anchor))

    def _close(self, end: Span) -> None:
        frame = self._stack.pop()
        for merge in frame.merges:
            for key, data in merge.data.items():
                if key not in frame.data:
                    frame.data[key] = data
                    if merge.marks is not None:
                        frame.marks.members[key] = merge.marks.members[key]
        start = frame.marks.span
        span = Span(start.line, start.column, end.end_line, end.end_column)
        marks = Marks(span, frame.marks.members)
        value = _Value(frame.data, span, marks, frame.size)
        if frame.anchor:
            self._anchors[frame.anchor] = value
        self._put(value)

    def _alias(self, anchor: str, span: Span) -> None:
        if anchor not in self._anchors:
            self._tell("unknown-anchor", f"nothing is anchored as '&{anchor}'", span)
            self._put(_Value(None, span, None, 1))
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

    def _put(self, value: _Value) -> None:
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
        elif frame.key is _NO_KEY:
            self._put_key(frame, value)
        else:
            self._put_member(frame, frame.key, value)
            frame.key, frame.merging = _NO_KEY, False

    def _put_key(self, frame: _Frame, value: _Value) -> None:
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
            self._tell("key-not-text", "a key must be text, not a structure", value.span)
        else:
            written = self.lines[value.span.line][
                value.span.column : value.span.end_column
            ]
            message = f"the key '{written}' is not text"
            self._tell("key-not-text", message, value.span, hint="put it in quotes")

    def _put_member(self, frame: _Frame, key: str | _Refused, value: _Value) -> None:
        if isinstance(key, _Refused):
            return
        if frame.merging:
            self._merge(frame, value)
        elif key not in frame.marks.members:
            frame.data[key] = value.data
            frame.marks.members[key] = Entry(frame.key_span, value.span, value.marks)

    def _merge(self, frame: _Frame, value: _Value) -> None:
        if isinstance(value.data, dict):
            parts = [value]
        elif isinstance(value.data, list) and value.marks is not None:
            members = value.marks.members
            parts = [
                _Value(data, members[index].value, members[index].inside, 1)
                for index, data in enumerate(value.data)
            ]
        else:
            parts = [value]
        for part in parts:
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

    def _refuse_unprintable(self) -> None:
        for number, line in enumerate(self.lines):
            if found := _NOT_PRINTABLE.search(line):
                column = found.start()
                self._tell(
                    "control-character",
                    f"the character U+{ord(found.group()):04X} cannot stand in a spec",
                    Span(number, column, number, column + 1),
                )
                raise _Stop

    def _tell_syntax(self, error: MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        span = self._last
        if mark is not None:
            span = Span(mark.line, mark.column, mark.line, mark.column + 1)
        problem = " ".join(str(error.problem or error.context or "").split())
        label = ""
        if error.problem and error.context and error.context_mark is not None:
            label = f"{error.context}, from line {error.context_mark.line + 1}"
        hint = None
        if "'\\t'" in problem or "\t" in self.lines[min(span.line, len(self.lines) - 1)]:
            hint = "indent with spaces, YAML takes no tab there"
        self._tell("yaml-syntax", f"not YAML: {problem}", span, label=label, hint=hint)

    def _tell(
        self, name: str, message: str, span: Span, *, label: str = "", hint: str | None = None
    ) -> None:
        self.diagnostics.append(
            Diagnostic(
                id=name,
                severity=Severity.ERROR,
                message=message,
                label=label,
                hint=hint,
                location=location(self.name, self.lines, span),
            )
        )
