"""A change as the one comment of a pull request: what to know first, the rest folded.

The first line is a hidden marker, by which a pipeline finds the comment that it wrote
before.  GitHub refuses a comment of more than 65,536 characters; this one stays below
60,000, leaves out whole files when it has to, and says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubelb_gen.report.counting import counted
from kubelb_gen.report.diff_drawn import drawn
from kubelb_gen.report.diff_names import (
    again,
    by_role,
    edits,
    file_title,
    port_name,
)
from kubelb_gen.report.diff_text import field_line
from kubelb_gen.report.diff_unified import hunk_text
from kubelb_gen.report.diff_words import (
    CALM,
    STOPS,
    Group,
    errors,
    groups,
    identity,
    learns,
    ports,
    reasons,
    refused,
    rolling,
    told,
    trust,
    verdict,
)
from kubelb_gen.report.markdown import code, escaped
from kubelb_gen.report.page import Page
from kubelb_gen.report.text import visible
from kubelb_gen.rollout.values import Breaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.diff import Changes, FieldChange, FileChange
    from kubelb_gen.rollout import Rollout

LIMIT = 60_000
_TABLE = 24_000
_LISTED = 3
_NOTES = 12
_DRAWN = 6
_DEAF = (
    "pods that call it get no answer any more; the spec lists none among its callers"
)
_BREAKS = {
    Breaks.NOTHING: "breaks nothing",
    Breaks.ESTABLISHED: "live connections end once",
    Breaks.NEW: "new connections fail",
}
_SIGNS = {"added": "+", "removed": "-"}


def diff_markdown(
    changes: Changes, *, name: str | None = None, rollout: Rollout | None = None
) -> str:
    """Return *changes* as a comment, nothing at all where nothing changes.

    *name* stands in the marker, by default that of the spec.  *rollout* holds the steps
    that are told where one step is not safe.
    """
    if not changes:
        return ""
    spec = name or changes.new.spec or changes.old.spec or "kubelb-gen"
    page = Page(LIMIT)
    page.add(
        f"<!-- kubelb-gen:{_marker(spec)} -->\n## {escaped(spec)}: {verdict(changes)}\n"
    )
    listed = groups(each for each in changes.paths if told(each))
    counting = [each for each in listed if each.worst.counts]
    others = [each for each in listed if not each.worst.counts]
    _table(page, counting)
    for paragraph in (
        _hazards(counting, changes, rollout),
        _meanings(counting, others),
        _titled("Edited by hand", [*edits(changes)][:_NOTES]),
        _titled("What the rules say", _findings(changes)),
    ):
        if paragraph:
            page.add("\n" + "\n".join(paragraph) + "\n")
    if counting:
        chart = drawn(counting[:_DRAWN])
        page.fold("The changed paths, drawn", [f"```mermaid\n{chart}```\n"])
    if others:
        rows = "".join(f"{_row(each)}\n" for each in others[:_NOTES])
        page.fold("Pods that are not among the callers in the spec", [f"{_HEAD}{rows}"])
    for role, files in by_role(changes.files).items():
        title = f"{role[0].upper()}{role[1:]}: {counted(len(files), 'file')}"
        page.fold(title, [_file(each) for each in files], what="file")
    return page.text(again("diff", changes))


_HEAD = (
    "| port | from | now | while merging | settled |\n| --- | --- | --- | --- | --- |\n"
)


def _table(page: Page, listed: list[Group]) -> None:
    if listed:
        page.rows(_HEAD, (f"{_row(each)}\n" for each in listed), _TABLE)


def _row(group: Group) -> str:
    names = [escaped(port_name(each.port)) for each in group.changes]
    shown = "<br>".join(names[:_LISTED])
    if len(names) > _LISTED:
        shown += f"<br>and {len(names) - _LISTED} more"
    now, merging, settled = map(escaped, group.row)
    first = group.worst
    if group.row.merging not in CALM:
        merging = f"**{merging}**"
    if first.regression or first.gain:
        settled = f"**{settled}**"
    return f"| {shown} | {escaped(group.caller)} | {now} | {merging} | {settled} |"


def _hazards(
    listed: list[Group], changes: Changes, rollout: Rollout | None
) -> list[str]:
    if not changes.unsafe:
        return []
    why = dict.fromkeys(
        reason for each in listed for reason in reasons(each.worst.transition)
    )
    lines = ["**Why not in one step**", ""]
    lines += [f"- {escaped(reason)}" for reason in [*why][:_NOTES]]
    asked, condition = rolling(changes)
    command = code(asked)
    if rollout is None or not rollout.steps:
        each = "tells the steps, each a change of its own"
        return [*lines, "", f"{command} {each}{condition}."]
    if len(rollout) == 1:
        calm = " No new connection fails meanwhile." if rollout.safe else ""
        return [*lines, "", f"No step between makes it safer.{calm}"]
    title = "The steps" if rollout.safe else "The steps that break least"
    lines += ["", f"**{title}**, each a spec that {command} writes", ""]
    return [*lines, *_steps(rollout)]


def _steps(rollout: Rollout) -> Iterator[str]:
    windows: list[str] = []
    for number, step in enumerate(rollout, start=1):
        told = [_BREAKS[step.breaks], *step.broken]
        yield f"{number}. {escaped(step.title)}: {escaped('; '.join(told))}"
        windows += [f"step {number}: {each}" for each in step.windows]
    if windows:
        yield ""
        yield from (f"- {escaped(window)}" for window in windows[:_NOTES])


def _meanings(listed: list[Group], others: list[Group]) -> list[str]:
    told: dict[str, list[str]] = {}
    for each in listed:
        change = each.worst
        about = told.setdefault(ports(each), [])
        if change.transition.grown or change.transition.shrunk:
            about.append(f"whom it trusts: {trust(change.transition)}")
        about += [*filter(None, [identity(change), learns(change)]), *refused(change)]
        about += change.transition.ends
    for each in others:
        if each.row.merging == STOPS:
            told.setdefault(ports(each), []).append(_DEAF)
    lines: list[str] = []
    for name, notes in [*told.items()][:_NOTES]:
        if notes:
            lines += [f"**{escaped(name)}**", ""]
            lines += [*(f"- {escaped(note)}" for note in dict.fromkeys(notes)), ""]
    return lines[:-1]


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    listed = [f"- {escaped(line)}" for line in lines]
    return [f"**{title}**", "", *listed] if listed else []


def _findings(changes: Changes) -> Iterator[str]:
    found = [*errors(changes)]
    for name, each in found[:_LISTED]:
        yield f"{name} has an error, {each.id}: {each.message}"
    if len(found) > _LISTED:
        yield f"and {counted(len(found) - _LISTED, 'more error')}"
    if changes.missing is not None:
        yield f"files are not compared: {changes.missing}"


def _file(change: FileChange) -> str:
    was = f", was {code(change.was)}" if change.was else ""
    lines = f"+{change.added} -{change.removed}"
    title = file_title(change)
    name = "" if title == change.path else f"**{escaped(title)}** "
    what = "" if change.change == "changed" else f"{change.change}, "
    head = f"{name}{code(change.path)} ({what}{lines}{was})\n"
    body = [*_body(change)]
    return f"{head}{_fenced(body)}\n" if body else f"{head}\n"


def _body(change: FileChange) -> Iterator[str]:
    if change.objects is None:
        if change.change == "changed":
            for hunk in change.hunks():
                yield from hunk_text(hunk).splitlines()
        return
    for each in change.objects:
        for field in each.fields:
            yield from _field(field)


def _field(field: FieldChange) -> Iterator[str]:
    if field.change in _SIGNS:
        yield f"{_SIGNS[field.change]} {field_line(field)}"
    elif field.change == "order" or field.masked or _is_long(field):
        yield f"! {field_line(field)}"
    else:
        yield f"- {field_line(field._replace(change='removed'))}"
        yield f"+ {field_line(field._replace(change='added'))}"


def _is_long(field: FieldChange) -> bool:
    return any(
        isinstance(each, str) and "\n" in each for each in (field.old, field.new)
    )


def _fenced(lines: list[str]) -> str:
    text = "\n".join(visible(line) for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}diff\n{text}\n{fence}\n"


def _marker(name: str) -> str:
    # Two dashes would end the comment.
    return re.sub(r"[^A-Za-z0-9._/-]|-(?=-)", "_", name)
