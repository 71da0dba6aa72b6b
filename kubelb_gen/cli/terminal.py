"""Streams and colour: the result goes to standard output, talk to standard error."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TextIO

import click

from kubelb_gen.diagnostics import Diagnostic
from kubelb_gen.errors import OutputError

COLOR_MODES = ("auto", "always", "never")
_WIDEST = 88
# What is drawn after a command has failed obeys its --color, too.
_color_mode = ContextVar("color_mode", default="auto")


_CLEAR = "\r\x1b[K"


class _Line:
    """What is told of a long run, on one line of a terminal."""

    stage = "starting"
    is_drawn = False


class ReaderGoneError(Exception):
    """Whoever read the result has seen enough, as `head` does."""


def say(message: str, *, end: str = "\n") -> None:
    """Write talk to standard error; nobody there is no error."""
    if sys.stderr is None:
        return
    clear_line()
    try:
        sys.stderr.write(message + end)
        sys.stderr.flush()
    except OSError:
        let_go(sys.stderr)


def shown(text: str) -> str:
    """Return *text* with its lines kept and all else that could mislead escaped."""
    # Imported when there is something to tell.
    from kubelb_gen.report.text import visible  # noqa: PLC0415

    return "\n".join(map(visible, text.split("\n")))


def result(text: str | bytes) -> None:
    """Write a result to standard output, as UTF-8 whatever the locale says.

    Raises `OutputError` when it cannot be written, `ReaderGoneError` when nobody
    reads it any more.
    """
    if sys.stdout is None:
        message = "cannot write the result: standard output is closed"
        raise OutputError(message)
    clear_line()
    try:
        _write(sys.stdout, text)
    except BrokenPipeError as error:
        let_go(sys.stdout)
        raise ReaderGoneError from error
    except OSError as error:
        let_go(sys.stdout)
        message = f"cannot write the result: {error.strerror or error}"
        raise OutputError(message) from error


def flush_result() -> None:
    """Write what is still kept back; raises what `result` does."""
    if sys.stdout is not None:
        result("")


def stage(text: str) -> None:
    """Note what is done from now on: `rendering 10,000 services`."""
    _Line.stage = text


def wants_progress(arguments: Iterable[str]) -> bool:
    """Tell whether somebody watches: not in CI, not in a pipe, not with --quiet."""
    return (
        sys.stderr is not None
        and sys.stderr.isatty()
        and os.environ.get("TERM") != "dumb"
        and not os.environ.get("CI")
        and not {"-q", "--quiet"} & set(arguments)
    )


def draw_line(seconds: int) -> None:
    """Show the stage, and how long it all has taken."""
    _Line.is_drawn = True
    _past_buffers(f"{_CLEAR}{_Line.stage} ({seconds} s)")


def clear_line() -> None:
    """Take the line away, before anything else is written to the terminal."""
    if _Line.is_drawn:
        _Line.is_drawn = False
        _past_buffers(_CLEAR)


def _past_buffers(text: str) -> None:
    # A signal may come in the middle of another write, which holds the buffer.
    with suppress(OSError, ValueError, AttributeError):
        os.write(sys.stderr.fileno(), text.encode("ascii", "replace"))


def let_go(stream: TextIO | None) -> None:
    """Point *stream* nowhere: Python would complain once more when it closes it."""
    if stream is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def color_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--color`, which may stand before a command's name and behind it."""
    return click.option(
        "--color",
        type=click.Choice(COLOR_MODES),
        expose_value=False,
        callback=_choose_color,
        help="Colour the talk; auto honours NO_COLOR.",
    )(command)


def format_option(
    *layouts: str,
    help: str | None = None,  # noqa: A002  click's own word
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--format`, one of *layouts*, the first where none is named: `layout`."""
    return click.option(
        "--format",
        "layout",
        type=click.Choice(layouts),
        default=layouts[0],
        show_default=True,
        help=help,
    )


def plain_color() -> None:
    """Forget the `--color` of an earlier command of this process."""
    _color_mode.set("auto")


def wants_color(stream: TextIO | None) -> bool:
    """Tell whether *stream* shall be coloured.

    `--color` beats the environment; `NO_COLOR` counts when it is not empty
    (no-color.org); else a terminal is coloured.
    """
    if (mode := _color_mode.get()) != "auto":
        return mode == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream is not None and stream.isatty()


def page_width() -> int | None:
    """Return where to wrap a page: a pipe gets a paragraph in a line."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil  # noqa: PLC0415  only a terminal has a width

    return min(shutil.get_terminal_size().columns, _WIDEST)


def draw(diagnostics: Iterable[Diagnostic], stream: TextIO | None) -> str:
    """Return *diagnostics* drawn for *stream*."""
    # Imported when there is something to draw.
    from kubelb_gen.report.text import draw_all  # noqa: PLC0415

    return draw_all(diagnostics, color=wants_color(stream))


def _choose_color(
    context: click.Context, option: click.Parameter, mode: str | None
) -> None:
    del context, option
    if mode is not None:
        _color_mode.set(mode)


def _write(stream: TextIO, text: str | bytes) -> None:
    # A file name that is no UTF-8 is escaped, as JSON writes such characters.
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    if hasattr(stream, "buffer"):
        stream.flush()
        stream.buffer.write(data)
    else:
        stream.write(text if isinstance(text, str) else text.decode())
    stream.flush()
