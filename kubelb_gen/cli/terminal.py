"""Streams and colour: the result goes to standard output, talk to standard error."""

import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from kubelb_gen.diagnostics import Diagnostic

COLOR_MODES = ("auto", "always", "never")


def say(message: str, *, end: str = "\n") -> None:
    """Write talk to standard error."""
    sys.stderr.write(message + end)


def result(text: str) -> None:
    """Write a result to standard output, as UTF-8 whatever the locale says."""
    stream = sys.stdout
    if hasattr(stream, "buffer"):
        stream.flush()
        stream.buffer.write(text.encode())
    else:
        stream.write(text)


def wants_color(stream: TextIO) -> bool:
    """Tell whether *stream* shall be coloured.

    `--color` beats the environment; `NO_COLOR` counts when it is not empty
    (no-color.org); else a terminal is coloured.
    """
    context = click.get_current_context(silent=True)
    mode = "auto"
    if context is not None:
        mode = (context.find_root().obj or {}).get("color", "auto")
    if mode != "auto":
        return mode == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def draw(diagnostics: Iterable[Diagnostic], stream: TextIO) -> str:
    """Return *diagnostics* drawn for *stream*."""
    # Imported when there is something to draw.
    from kubelb_gen.report.text import draw_all  # noqa: PLC0415

    return draw_all(diagnostics, color=wants_color(stream))
