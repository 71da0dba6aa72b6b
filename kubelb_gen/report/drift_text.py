"""Drift for a terminal: object by object, each with what it means.

primary: Service 'default/web'
  spec.externalTrafficPolicy: the spec says Local, what runs says Cluster  [t.yaml:14]
  means default/web 80/TCP from internet-ipv4: lost, sees management-node; ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.report.drift_words import by_object, meaning, shifts_of, summary, told
from kubelb_gen.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.drift import Difference, Drift

_COLORS = {"changed": "33", "missing": "31", "stranger": "35", "leftover": "36"}


def drift_text(drift: Drift, *, color: bool = False) -> str:
    """Return *drift* as text, and a line that counts it."""
    return "\n".join([*_lines(drift, color=color), visible(summary(drift))]) + "\n"


def _lines(drift: Drift, *, color: bool) -> Iterator[str]:
    for (cluster, name), differences in by_object(drift).items():
        yield f"{visible(cluster)}: {visible(name)}"
        for each in differences:
            yield _difference(each, color=color)
            if each.does:
                yield f"    {visible(each.does)}"
        for shift in shifts_of(differences):
            yield f"  means {visible(meaning(shift))}"
        yield ""


def _difference(each: Difference, *, color: bool) -> str:
    text = visible(told(each))
    if color:
        text = f"\x1b[{_COLORS[each.kind]}m{text}\x1b[0m"
    place = each.location
    where = f"  [{visible(place.source)}:{place.line}]" if place else ""
    return f"  {text}{where}"
