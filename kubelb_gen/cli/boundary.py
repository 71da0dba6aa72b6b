"""Where every error becomes an exit code and a message; nothing below it exits.

0 fine, 1 the answer is no, 2 usage, 3 the input cannot be used, 4 the environment
refused, 70 a bug, 130 interrupted.
"""

import os
import platform
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from kubelb_gen import __version__
from kubelb_gen.cli.commands import program
from kubelb_gen.cli.terminal import draw, say
from kubelb_gen.errors import KubelbGenError, SpecError

_BUG = 70
_INTERRUPTED = 130
_REFUSED = 4


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; never raises."""
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        say(f"error: cannot write the result: {error.strerror or error}")
        return _REFUSED
    return code


def _invoke(arguments: Sequence[str]) -> int:
    try:
        code = program(list(arguments), "kubelb-gen", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return _INTERRUPTED
    except SpecError as error:
        say(draw(error.diagnostics, sys.stderr), end="")
        return error.exit_code
    except KubelbGenError as error:
        say(f"error: {error}")
        return error.exit_code
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  a bug is told, never thrown at a user
        say(_bug_report(error))
        return _BUG
    return code if isinstance(code, int) else 0


def _bug_report(error: BaseException) -> str:
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
