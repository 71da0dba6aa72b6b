"""Where every error becomes an exit code and a message; nothing below it exits.

0 fine, 1 the answer is no, 2 usage, 3 the input cannot be used, 4 the environment
refused, 70 a bug, 130 interrupted.
"""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import click

from kubelb_gen import __version__
from kubelb_gen.cli.commands import program
from kubelb_gen.cli.terminal import (
    ReaderGoneError,
    draw,
    flush_result,
    let_go,
    plain_color,
    say,
    shown,
    wants_progress,
)
from kubelb_gen.errors import KubelbGenError, SpecError

# click before 8.2 prints the help itself.
_HELP = getattr(click.exceptions, "NoArgsIsHelpError", ())
_USAGE = 2
_REFUSED = 4
_BUG = 70
_INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; never raises."""
    plain_color()
    streams = sys.stdout, sys.stderr
    try:
        with _progress(arguments):
            code = program(list(arguments), "kubelb-gen", standalone_mode=False)
            flush_result()
    except ReaderGoneError:
        return 0
    except SystemExit as stop:
        return _stopped(stop, *streams)
    except BaseException as error:  # noqa: BLE001  a bug is told, never thrown at a user
        return _told(error)
    return code if isinstance(code, int) else 0


def _progress(arguments: Sequence[str]) -> AbstractContextManager[None]:
    if not wants_progress(arguments):
        return nullcontext()
    # Imported here: nobody watches a pipe.
    from kubelb_gen.cli.progress import progress  # noqa: PLC0415

    return progress()


def _told(error: BaseException) -> int:
    match error:
        case click.ClickException():
            code, message = _USAGE, _usage(error)
        case click.Abort() | KeyboardInterrupt():
            code, message = _INTERRUPTED, "interrupted"
        case SpecError():
            code = error.exit_code
            message = draw(error.diagnostics, sys.stderr).removesuffix("\n")
        case KubelbGenError():
            code, message = error.exit_code, shown(f"error: {error}")
        case OSError():
            # click's own prints; ours say what they were about.
            let_go(sys.stdout)
            reason = error.strerror or error
            code, message = _REFUSED, f"error: cannot write the result: {reason}"
        case _:
            code, message = _BUG, _bug_report(error)
    say(message)
    return code


def _stopped(stop: SystemExit, stdout: TextIO, stderr: TextIO) -> int:
    if sys.stdout is stdout:  # a completion was asked for
        return stop.code if isinstance(stop.code, int) else 0
    # click wraps the streams, and means 1, when the reader of a print is gone.
    sys.stdout, sys.stderr = stdout, stderr
    let_go(stdout)
    return 0


def _usage(error: click.ClickException) -> str:
    message = error.format_message()
    if isinstance(error, _HELP):
        return message
    line = shown(" ".join(message.split()).removesuffix("."))
    lines = [f"error: {line[:1].lower()}{line[1:]}"]
    context = getattr(error, "ctx", None)
    if context is not None:
        lines.append(f"try '{context.command_path} --help'")
    return "\n".join(lines)


def _bug_report(error: BaseException) -> str:
    # Imported where a run has failed anyway.
    import platform  # noqa: PLC0415
    import traceback  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    frames = [
        f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(
        (
            "error: this is a bug in kubelb-gen; please report it with these lines:",
            f"  kubelb-gen {__version__}, Python {platform.python_version()}",
            f"  {type(error).__name__}: {error}",
            *frames[-8:],
        )
    )
