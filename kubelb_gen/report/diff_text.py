"""A change for a terminal: the verdict, what each caller gets, then the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.counting import counted
from kubelb_gen.report.diff_names import (
    by_role,
    edits,
    file_title,
    port_name,
    shown,
)
from kubelb_gen.report.diff_unified import hunk_text
from kubelb_gen.report.diff_words import (
    CALM,
    Group,
    errors,
    groups,
    notes,
    rolling,
    told,
    verdict,
)
from kubelb_gen.report.text import painted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diff import Changes, FieldChange, FileChange

_RED, _GREEN, _YELLOW, _BOLD = "31", "32", "33", "1"
_SIGNS = {"added": "+", "removed": "-", "changed": "~", "order": "="}
_LISTED = 8


def diff_text(changes: Changes, *, color: bool = False) -> str:
    """Return *changes* as text, nothing at all where nothing changes."""
    if not changes:
        return ""
    return "".join(f"{line}\n" for line in _Text(changes, color=color).lines())


class _Text:
    def __init__(self, changes: Changes, *, color: bool) -> None:
        self._changes = changes
        self._color = color
        # What holds for each caller of a port is said for the first.
        self._said: set[tuple[str, str]] = set()

    def lines(self) -> Iterator[str]:
        changes = self._changes
        bad = changes.unsafe or changes.regressions
        yield self._painted(verdict(changes), _RED if bad else _GREEN)
        yield visible(f"{changes.old.name} -> {changes.new.name}: {_sums(changes)}")
        yield from map(visible, edits(changes))
        for name, finding in errors(changes):
            yield visible(f"error[{finding.id}] in {name}: {finding.message}")
        for group in groups(each for each in changes.paths if told(each)):
            yield ""
            yield from self._group(group)
        if changes.unsafe:
            yield ""
            yield visible(f"the steps: {''.join(rolling(changes))}")
        for role, files in by_role(changes.files).items():
            yield ""
            yield self._painted(f"{role}: {counted(len(files), 'file')}", _BOLD)
            for each in files:
                yield from self._file(each)

    def _group(self, group: Group) -> Iterator[str]:
        ports = [port_name(each.port) for each in group.changes]
        for port in ports[:_LISTED]:
            yield self._painted(visible(port), _BOLD)
        if len(ports) > _LISTED:
            yield self._painted(
                f"and {counted(len(ports) - _LISTED, 'more port')}", _BOLD
            )
        first = group.worst
        uncounted = "" if first.counts else "  (not among the callers in the spec)"
        now, merging, settled = group.row
        yield f"  from {group.caller}{uncounted}"
        yield f"    now      {now}"
        style = _RED if first.unsafe else _YELLOW
        calm = merging in CALM
        yield f"    merging  {merging if calm else self._painted(merging, style)}"
        better = _GREEN if first.gain else _RED
        plain = not (first.gain or first.regression)
        yield f"    settled  {settled if plain else self._painted(settled, better)}"
        for note in notes(first):
            if (note, ports[0]) not in self._said:
                self._said.add((note, ports[0]))
                yield visible(f"    - {note}")

    def _file(self, change: FileChange) -> Iterator[str]:
        was = f" (was {change.was})" if change.was else ""
        lines = f"+{change.added} -{change.removed}"
        title = file_title(change)
        path = "" if title == change.path else f"  {change.path}"
        yield visible(f"  {change.change:8} {title}{path}{was}  {lines}")
        if change.objects is None:
            if change.change == "changed":
                yield from self._hunks(change)
            return
        for each in change.objects:
            for field in each.fields:
                yield self._field(field)

    def _field(self, field: FieldChange) -> str:
        sign = _SIGNS[field.change]
        text = visible(f"      {sign} {field_line(field)}")
        style = {"+": _GREEN, "-": _RED}.get(sign)
        return self._painted(text, style) if style else text

    def _hunks(self, change: FileChange) -> Iterator[str]:
        for hunk in change.hunks():
            for line in hunk_text(hunk).splitlines():
                style = {"+": _GREEN, "-": _RED}.get(line[:1])
                text = visible(f"      {line}".rstrip())
                yield self._painted(text, style) if style else text

    def _painted(self, text: str, code: str) -> str:
        return painted(text, code, self._color)


def field_line(field: FieldChange) -> str:
    """Say in one line what becomes of a field."""
    masked = " (masked)" if field.masked else ""
    if field.change == "added":
        return f"{field.path}: {shown(field.new)}{masked}"
    if field.change == "removed":
        return f"{field.path}: {shown(field.old)}{masked}"
    what = "order: " if field.change == "order" else ""
    return f"{field.path}: {what}{shown(field.old)} -> {shown(field.new)}{masked}"


def _sums(changes: Changes) -> str:
    paths = [each for each in changes.paths if told(each)]
    return f"{counted(len(paths), 'path')}, {counted(len(changes.files), 'file')}"
