"""Text of a spec in Markdown: it shows as it is, and is never markup."""

import re

from kubelb_gen.report.text import visible

# `~~~` cannot occur in what is fenced with it, once lines are visible text.
_SPECIAL = frozenset("\\`*_[]|~")
# An at sign would call somebody to the pull request.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def row(*cells: str) -> str:
    """Return one row of a table; its *cells* are plain text."""
    return f"| {' | '.join(map(escaped, cells))} |"


def escaped(text: str) -> str:
    r"""Return plain *text* as Markdown.

    >>> escaped("a*b | <i>")
    'a\\*b \\| &lt;i&gt;'
    """
    return "".join(map(_escaped, visible(text)))


def html(text: str) -> str:
    """Return plain *text* for inside an element, such as a summary."""
    return "".join(_ENTITIES.get(each, each) for each in visible(text))


def code(text: str) -> str:
    """Return plain *text* as code within a line."""
    shown = visible(text)
    if "`" not in shown:
        return f"`{shown}`"
    fence = "`" * (max(map(len, re.findall("`+", shown))) + 1)
    return f"{fence} {shown} {fence}"


def _escaped(character: str) -> str:
    if character in _SPECIAL:
        return f"\\{character}"
    return _ENTITIES.get(character, character)
