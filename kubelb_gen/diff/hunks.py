"""Line by line: how one text becomes another, the same way in both directions."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from kubelb_gen.diff.secrets import masked_lines

_CONTEXT = 3
_LONG = 2000


class Hunk(NamedTuple):
    """Some lines of both texts; *old* and *new* are where it begins, from 0.

    A line of *lines* begins with a blank, a minus or a plus, and ends as its text did.
    """

    old: int
    old_count: int
    new: int
    new_count: int
    lines: tuple[str, ...]


def hunks(old: str, new: str) -> tuple[Hunk, ...]:
    """Return what leads from *old* to *new*, with three lines around it.

    What looks like a secret is masked after it was compared, so that one that changed
    is a change.
    """
    before, after = _lines(old), _lines(new)
    codes = _codes(before, after)
    if not any(code[0] for code in codes):
        return ()
    shown = [*masked_lines(before)], [*masked_lines(after)]
    return tuple(_hunk(group, *shown) for group in _groups(codes))


def is_masked(text: str) -> bool:
    """Tell whether something in *text* is masked."""
    lines = _lines(text)
    return lines != [*masked_lines(lines)]


def count(old: str, new: str) -> tuple[int, int]:
    """Return how many lines of *new* are new, and how many of *old* are gone."""
    codes = _codes(_lines(old), _lines(new))
    changed = [each for each in codes if each[0]]
    return (
        sum(last - first for _, _, _, first, last in changed),
        sum(last - first for _, first, last, _, _ in changed),
    )


Code = tuple[bool, int, int, int, int]


def _lines(text: str) -> list[str]:
    # Only what git takes for the end of a line ends one.
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _codes(old: list[str], new: list[str]) -> list[Code]:
    """Return stretches (differs, old from, to, new from, to) that cover both texts."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    # The longest common part may depend on the direction, so one is chosen.
    if before <= after:
        found = _matched(before, after)
    else:
        found = [(d, c, e, a, b) for d, a, b, c, e in _matched(after, before)]
    codes = [(False, 0, head, 0, head)] if head else []
    codes += [(d, a + head, b + head, c + head, e + head) for d, a, b, c, e in found]
    if tail:
        codes.append((False, len(old) - tail, len(old), len(new) - tail, len(new)))
    return _joined(codes)


def _matched(old: Sequence[str], new: Sequence[str]) -> list[Code]:
    # Lines that stand everywhere make long texts slow; they match their neighbours'.
    long = max(len(old), len(new)) > _LONG
    matcher = SequenceMatcher(None, old, new, autojunk=long)
    return [
        (tag != "equal", first, last, from_, to)
        for tag, first, last, from_, to in matcher.get_opcodes()
    ]


def _joined(codes: list[Code]) -> list[Code]:
    joined: list[Code] = []
    for code in codes:
        if joined and joined[-1][0] == code[0]:
            differs, first, _, from_, _ = joined.pop()
            code = (differs, first, code[2], from_, code[4])  # noqa: PLW2901
        joined.append(code)
    return joined


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _groups(codes: list[Code]) -> Iterator[list[Code]]:
    group: list[Code] = []
    for number, code in enumerate(codes):
        differs, first, last, from_, to = code
        if differs:
            group.append(code)
            continue
        is_end = number == len(codes) - 1
        if group and (is_end or last - first > 2 * _CONTEXT):
            keep = min(_CONTEXT, last - first)
            yield [*group, (False, first, first + keep, from_, from_ + keep)]
            group = []
        if is_end:
            return
        if group:
            group.append(code)
        else:
            keep = min(_CONTEXT, last - first)
            group = [(False, last - keep, last, to - keep, to)]
    if any(each[0] for each in group):
        yield group


def _hunk(group: list[Code], old: list[str], new: list[str]) -> Hunk:
    lines: list[str] = []
    for differs, first, last, from_, to in group:
        if differs:
            lines += [f"-{line}" for line in old[first:last]]
            lines += [f"+{line}" for line in new[from_:to]]
        else:
            lines += [f" {line}" for line in old[first:last]]
    start, end = group[0], group[-1]
    return Hunk(start[1], end[2] - start[1], start[3], end[4] - start[3], tuple(lines))
