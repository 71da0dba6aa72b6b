"""Changed paths as a Mermaid flowchart: now, while merging, settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.diff_words import CALM, Group, ports
from kubelb_gen.report.mermaid import label, styles
from kubelb_gen.trace.path import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WHEN = ("now", "while merging", "settled")


def drawn(listed: Iterable[Group]) -> str:
    """Return *listed* as one flowchart, a box for each."""
    boxes = [line for n, group in enumerate(listed) for line in _box(f"g{n}", group)]
    return "\n".join(["flowchart LR", *boxes, *styles()]) + "\n"


def _box(box: str, group: Group) -> Iterator[str]:
    moving = group.worst.transition
    verdicts = (
        moving.old and moving.old.verdict,
        None if group.row.merging in CALM else Verdict.BROKEN,
        moving.new and moving.new.verdict,
    )
    yield f"  subgraph {box}[{label(ports(group))}]"
    yield "    direction LR"
    yield f"    {box}c([{label(group.caller)}]) --> {box}0"
    told = zip(_WHEN, group.row, verdicts, strict=True)
    for step, (when, text, style) in enumerate(told):
        colour = f":::{style}" if style else ""
        yield f"    {box}{step}[{label(when, text)}]{colour}"
    yield f"    {box}0 ==> {box}1 ==> {box}2"
    yield "  end"
