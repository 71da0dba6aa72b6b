"""Drift as workflow commands of GitHub, beside the lines of the dumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.drift_words import meaning, summary, told
from kubelb_gen.report.github import command
from kubelb_gen.report.text import visible

if TYPE_CHECKING:
    from kubelb_gen.drift import Difference, Drift


def drift_github(drift: Drift) -> str:
    """Return *drift* as workflow commands: errors where a path means something else."""
    lines = [_annotation(each) for each in drift.differences]
    lines.append(command("notice", {"title": "kubelb-gen drift"}, summary(drift)))
    return "".join(f"{line}\n" for line in lines)


def _annotation(each: Difference) -> str:
    properties = {}
    place = each.location
    if place is not None:
        properties = {"file": place.source, "line": str(place.line)}
    properties["title"] = f"drift: {each.kind}"
    parts = [f"{each.cluster}: {each.object}: {told(each)}"]
    parts += [meaning(shift) for shift in each.shifts]
    level = "error" if each.shifts else "warning"
    return command(level, properties, visible("; ".join(parts)))
