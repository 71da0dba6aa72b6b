"""How a diagnostic looks on a terminal; nothing else draws one.

error[port-in-use]: port 5000/TCP is used twice by service 'my-tcp-service'
  --> acme.yaml:31:22  at spec.tenants[0].services[0].ports[1].port
   |
31 |             - {port: 5000, targetPort: 5001}
   |                      ^^^^ first used on line 30
   = hint: give the second port its own number
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from kubelb_gen.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic, Location

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_TAB = "    "
# A longer line is shown around its caret only.
_WIDEST = 120
_BEFORE_CARET = 40
_CUT = "..."


def draw_all(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return *diagnostics* drawn by position, a blank line between two."""
    return "\n".join(draw(each, color=color) for each in by_position(diagnostics))


def by_position(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return *diagnostics* file by file as they came, each from top to bottom."""
    listed = list(diagnostics)
    rank: dict[str, int] = {}
    for each in listed:
        rank.setdefault(_source(each), len(rank))

    def position(diagnostic: Diagnostic) -> tuple[int, int, int]:
        place = diagnostic.location
        where = (place.line, place.column) if place else (0, 0)
        return (rank[_source(diagnostic)], *where)

    return sorted(listed, key=position)


def draw(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Return *diagnostic* as lines of text, the last one ended."""
    code = _COLORS[diagnostic.severity]
    place = diagnostic.location
    gutter = max(2, len(str(place.line))) if place else 2
    margin = " " * (gutter + 1)
    head = painted(f"{diagnostic.severity}[{diagnostic.id}]", f"1;{code}", color)
    lines = [f"{head}: {visible(diagnostic.message)}"]
    if where := _where(diagnostic):
        lines.append(f"{' ' * gutter}--> {where}")
    if place:
        text, indent, width = _excerpt(place)
        caret = painted(
            f"{'^' * width} {visible(beside_caret(diagnostic))}".rstrip(), code, color
        )
        lines += [
            f"{margin}|",
            f"{place.line:>{gutter}} | {text}".rstrip(),
            f"{margin}| {' ' * indent}{caret}",
        ]
    elif diagnostic.label:
        lines.append(f"{margin}= {visible(diagnostic.label)}")
    if diagnostic.hint:
        lines.append(f"{margin}= hint: {visible(diagnostic.hint)}")
    lines += [f"{margin}= design: {visible(each)}" for each in diagnostic.designs]
    return "\n".join(lines) + "\n"


def visible(text: str) -> str:
    r"""Return *text* with everything escaped that could move or color a terminal.

    >>> visible("a\x1b[31m\nb")
    'a\\x1b[31m\\nb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    # Cc and Cf hold escapes and direction overrides, Cs what no terminal can show.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def beside_caret(diagnostic: Diagnostic) -> str:
    """Return the label of *diagnostic*, and the line that an overlay's overrides."""
    hidden = diagnostic.overrides
    overrides = f"overrides {hidden.source}:{hidden.line}" if hidden else ""
    return ", ".join(filter(None, (diagnostic.label, overrides)))


def _where(diagnostic: Diagnostic) -> str:
    place, at = diagnostic.location, diagnostic.at
    path = str(at) if at else ""
    if place:
        where = f"{visible(place.source)}:{place.line}:{place.column}"
    elif at:
        where = visible(at.source)
    else:
        return ""
    return f"{where}  at {visible(path)}" if path else where


def _excerpt(place: Location) -> tuple[str, int, int]:
    """Return the line as shown, the columns before the caret, and its width."""
    start = place.column - 1
    end = min(start + place.width, max(len(place.text), start + 1))
    before, under, after = (
        place.text[:start],
        place.text[start:end],
        place.text[end:],
    )
    shown = [_shown(part[:_WIDEST]) for part in (under, after)]
    lead = _shown(before[-_WIDEST:])
    if len(before) > _WIDEST or _columns(lead + "".join(shown)) > _WIDEST:
        if len(lead) > _BEFORE_CARET:
            lead = _CUT + lead[-_BEFORE_CARET:]
        rest = "".join(shown)
        room = _WIDEST - _columns(lead)
        if _columns(rest) > room:
            rest = rest[: room // 2 if _columns(rest) > len(rest) else room] + _CUT
        width = min(_columns(shown[0]), max(_columns(rest) - len(_CUT), 1))
        return lead + rest, _columns(lead), max(width, 1)
    return lead + "".join(shown), _columns(lead), max(_columns(shown[0]), 1)


def _shown(text: str) -> str:
    return _TAB.join(map(visible, text.split("\t")))


def _columns(text: str) -> int:
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def painted(text: str, code: str, color: bool) -> str:  # noqa: FBT001
    """Return *text* in the colours *code* of a terminal, where *color* wants them."""
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _source(diagnostic: Diagnostic) -> str:
    if diagnostic.location:
        return diagnostic.location.source
    return diagnostic.at.source if diagnostic.at else ""
