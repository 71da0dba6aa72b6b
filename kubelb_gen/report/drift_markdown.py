"""Drift as Markdown, for a comment or a summary of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.drift_words import by_object, meaning, shifts_of, summary, told
from kubelb_gen.report.markdown import escaped as text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.drift import Drift


def drift_markdown(drift: Drift) -> str:
    """Return *drift* as a heading, a table of objects, and what they mean."""
    return "\n".join(_lines(drift)) + "\n"


def _lines(drift: Drift) -> Iterator[str]:
    yield f"### {text(summary(drift))}"
    grouped = by_object(drift)
    if grouped:
        yield ""
        yield "| cluster | object | what differs |"
        yield "| --- | --- | --- |"
        for (cluster, name), differences in grouped.items():
            said = "<br>".join(
                text(f"{told(each)}; {each.does}" if each.does else told(each))
                for each in differences
            )
            yield f"| {text(cluster)} | {text(name)} | {said} |"
    for differences in grouped.values():
        for shift in shifts_of(differences):
            yield ""
            yield f"- {text(meaning(shift))}"
