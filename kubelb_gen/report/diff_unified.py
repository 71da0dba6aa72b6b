"""Changed files as one patch, which `git apply` and `patch -p1` take.

Format: git-diff(1), "GENERATING PATCH TEXT WITH -P".  Where a value was masked, that
file's part does not apply, as it must not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.diff.hunks import is_masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.diff import Changes, FileChange, Hunk

_MODE = "100644"
_NO_END = "\\ No newline at end of file\n"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t"}


def diff_unified(changes: Changes) -> str:
    """Return *changes* of files as a patch, the lock's included."""
    files = [*changes.files, *([changes.lock] if changes.lock else [])]
    return "".join(part for each in files for part in _patch(each))


def masked_files(changes: Changes) -> list[str]:
    """Return the files whose part of the patch cannot apply, since it is masked."""
    return [
        each.path
        for each in changes.files
        if any(is_masked(text) for text in (each.old, each.new) if text)
    ]


def hunk_text(hunk: Hunk) -> str:
    """Return one *hunk* with its head."""
    head = (
        f"@@ -{_span(hunk.old, hunk.old_count)} +{_span(hunk.new, hunk.new_count)} @@\n"
    )
    lines = (
        line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in hunk.lines
    )
    return head + "".join(lines)


def _patch(change: FileChange) -> Iterator[str]:
    if change.was is not None:
        # Taken away and added: not every `patch` knows what a rename is.
        yield from _patch(change._replace(path=change.was, was=None, new=None))
        yield from _patch(change._replace(was=None, old=None))
        return
    old, new = f"a/{change.path}", f"b/{change.path}"
    yield f"diff --git {_quoted(old)} {_quoted(new)}\n"
    if change.old is None:
        yield f"new file mode {_MODE}\n"
    if change.new is None:
        yield f"deleted file mode {_MODE}\n"
    hunks = change.hunks()
    if hunks:
        yield f"--- {_name(old) if change.old is not None else '/dev/null'}\n"
        yield f"+++ {_name(new) if change.new is not None else '/dev/null'}\n"
    for each in hunks:
        yield hunk_text(each)


def _span(start: int, number: int) -> str:
    first = start + 1 if number else start
    return f"{first}" if number == 1 else f"{first},{number}"


def _name(path: str) -> str:
    quoted = _quoted(path)
    # Without the tab, GNU patch ends a name at its first blank.
    return f"{quoted}\t" if " " in path and quoted == path else quoted


def _quoted(path: str) -> str:
    if not any(each in _ESCAPES for each in path):
        return path
    return f'"{"".join(_ESCAPES.get(each, each) for each in path)}"'
