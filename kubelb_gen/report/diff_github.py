"""A change as workflow commands: one annotation for what each caller gets.

A step shows its first annotations only, so the worst come first; they stand at the
port's line of the new spec, where there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.counting import counted
from kubelb_gen.report.diff_names import port_name
from kubelb_gen.report.diff_words import Group, groups, notes, told, verdict
from kubelb_gen.report.github import command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diagnostics import Location
    from kubelb_gen.diff import Changes

_LISTED = 8


def diff_github(changes: Changes) -> str:
    """Return *changes* as workflow commands, nothing where nothing changes."""
    if not changes:
        return ""
    return "".join(f"{line}\n" for line in _lines(changes))


def _lines(changes: Changes) -> Iterator[str]:
    bad = changes.unsafe or changes.regressions
    files = counted(len(changes.files), "file")
    told_of = f"{changes.old.name} -> {changes.new.name}: {files}"
    yield command(
        "warning" if bad else "notice",
        {"title": f"kubelb-gen: {verdict(changes)}"},
        told_of,
    )
    for group in groups(each for each in changes.paths if told(each)):
        yield _annotation(group, changes)


def _annotation(group: Group, changes: Changes) -> str:
    first = group.worst
    bad = first.unsafe or first.regression
    place = changes.new.locate(first.port)
    where = {} if place is None else _where(place)
    names = [port_name(each.port) for each in group.changes]
    title = f"{names[0]} from {group.caller}"
    if len(names) > 1:
        title += f", and {len(names) - 1} more"
    now, merging, settled = group.row
    message = [f"now: {now}", f"merging: {merging}", f"settled: {settled}"]
    message += notes(first)
    if len(names) > 1:
        rest = ["..."] if len(names) > _LISTED else []
        message.append(f"the same: {', '.join([*names[1:_LISTED], *rest])}")
    kind = "error" if bad else "notice"
    return command(kind, {**where, "title": title}, "\n".join(message))


def _where(place: Location) -> dict[str, str]:
    # GitHub knows a file by its path in the repository, and no revision.
    _, _, path = place.source.removeprefix("git:").partition(":")
    is_revision = place.source.startswith("git:") and path
    return {"file": path if is_revision else place.source, "line": str(place.line)}
