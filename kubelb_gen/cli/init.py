"""`kubelb-gen init`: a commented first spec."""

from pathlib import Path

import click

from kubelb_gen import assets
from kubelb_gen.cli.terminal import result, say
from kubelb_gen.errors import OutputError


@click.command("init")
@click.argument("path", required=False, metavar="[FILE]")
def command(path: str | None) -> None:
    """Print a commented first spec, or write it to FILE.

    Its comments say how to find each fact: node addresses, egress ranges, internal
    ranges.  FILE is never overwritten.
    """
    text = (assets.template_root() / "init" / "spec.yaml").read_text("utf-8")
    if path is None or path == "-":
        result(text)
        return
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = f"'{path}' is there already, and is left as it is"
        raise OutputError(message) from error
    except OSError as error:
        message = f"cannot write '{path}': {error.strerror}"
        raise OutputError(message) from error
    say(f"wrote {path}: fill in the facts, then run `kubelb-gen validate {path}`")
