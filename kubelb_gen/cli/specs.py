"""The SPEC arguments: files, folders, `-`, or standard input when it is a pipe."""

import sys
from collections.abc import Callable
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.errors import UsageError
from kubelb_gen.model import Fleet


def spec_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the SPEC arguments to a command."""
    return click.argument("specs", nargs=-1, metavar="[SPEC]...")(function)


def load_specs(specs: tuple[str, ...]) -> Fleet:
    """Load what the SPEC arguments name.

    Raises `UsageError` where none is given and standard input is a terminal, or
    where it is to be read and is closed.
    """
    if not specs:
        if sys.stdin is None or sys.stdin.isatty():
            message = "name a spec: a file, a folder, or - for standard input"
            raise UsageError(message)
        specs = ("-",)
    if "-" in specs and sys.stdin is None:
        message = "there is no standard input to read - from"
        raise UsageError(message)
    return api.load(*specs)
