"""The SPEC arguments: files, folders, `-`, or standard input when it is a pipe."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from kubelb_gen.api import loading
from kubelb_gen.cli.terminal import stage
from kubelb_gen.errors import UsageError
from kubelb_gen.model import Fleet

if TYPE_CHECKING:
    from kubelb_gen.document import Source, Sources

_OVERLAYS = f"{__name__}.overlays"


def spec_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the SPEC arguments to a command, and what is laid over them."""
    laid = overlay_option(function)
    return click.argument("specs", nargs=-1, metavar="[SPEC]...")(laid)


def overlay_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--overlay`, for `given_overlays`."""
    return click.option(
        "--overlay",
        multiple=True,
        metavar="FILE",
        expose_value=False,
        callback=_note_overlays,
        help="Lay a ClientIPOverlay over the spec; may be given again.",
    )(function)


def given_overlays() -> tuple[str, ...]:
    """Return the files that `--overlay` of the running command names, in order."""
    context = click.get_current_context(silent=True)
    found: tuple[str, ...] = context.meta.get(_OVERLAYS, ()) if context else ()
    return found


def load_specs(specs: tuple[str, ...]) -> Fleet:
    """Load what the SPEC arguments name; raises what `read_specs` does."""
    return loading.built(read_specs(specs))


def read_specs(specs: tuple[str, ...]) -> "Sources":
    """Read what the SPEC arguments name; raises what `read_texts` does."""
    return loading.parsed(*read_texts(specs))


def read_texts(specs: tuple[str, ...]) -> tuple[list["Source"], list["Source"]]:
    """Read the texts that the SPEC arguments name, and those of the overlays.

    Raises `UsageError` where none is given and standard input is a terminal, or
    where it is to be read and is closed, or read twice.
    """
    if not specs:
        if sys.stdin is None or sys.stdin.isatty():
            message = "name a spec: a file, a folder, or - for standard input"
            raise UsageError(message)
        specs = ("-",)
    if "-" in specs and sys.stdin is None:
        message = "there is no standard input to read - from"
        raise UsageError(message)
    overlays = given_overlays()
    if "-" in specs and "-" in overlays:
        raise UsageError("standard input cannot be both SPEC and --overlay")
    stage("reading " + (specs[0] if len(specs) == 1 else f"{len(specs):,} specs"))
    return loading.texts(*specs, overlays=overlays)


def _note_overlays(
    context: click.Context, option: click.Parameter, files: tuple[str, ...]
) -> None:
    del option
    context.meta[_OVERLAYS] = files
