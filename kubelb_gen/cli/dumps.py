"""FILE arguments that say what runs: dumps, each of one cluster where that is said."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import click

from kubelb_gen.errors import UsageError
from kubelb_gen.running import Dump, read_dumps

MANAGEMENT = "management"


def dump_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--management` and `--tenant` to a command."""
    function = click.option(
        "--tenant",
        "tenants",
        multiple=True,
        metavar="NAME=FILE",
        help="Objects of this tenant's cluster; may be given again.",
    )(function)
    return click.option(
        "--management",
        multiple=True,
        metavar="FILE",
        help="Objects of the management cluster; may be given again.",
    )(function)


def read_options(
    files: Iterable[str], management: Iterable[str], tenants: Iterable[str]
) -> list[Dump]:
    """Return the texts that the arguments name.

    Raises `UsageError` where there is none, or where standard input is named twice;
    `OutputError` where one cannot be read.
    """
    named: list[tuple[str, str | None]] = [(path, None) for path in files]
    named += [(path, MANAGEMENT) for path in management]
    named += [_of_tenant(each) for each in tenants]
    if not named:
        if sys.stdin is None or sys.stdin.isatty():
            message = "name what 'kubectl get -o yaml' printed: files, folders, or -"
            raise UsageError(message)
        named = [("-", None)]
    if sum(path == "-" for path, _ in named) > 1:
        message = "standard input can be read once: '-' is named twice"
        raise UsageError(message)
    dumps: dict[str, Dump] = {}
    for path, cluster in named:
        for dump in read_dumps([path], cluster):
            dumps.setdefault(dump.source.name, dump)
    return list(dumps.values())


def _of_tenant(given: str) -> tuple[str, str]:
    name, separator, path = given.partition("=")
    if not (name and separator and path):
        message = f"--tenant is NAME=FILE, not '{given}'"
        raise UsageError(message)
    if name == MANAGEMENT:
        message = "a tenant cannot be called 'management'; use --management FILE"
        raise UsageError(message)
    return path, name
