"""`kubelb-gen init`: a commented first document."""

from pathlib import Path

import click

from kubelb_gen import assets
from kubelb_gen.cli.kinds import kind_called
from kubelb_gen.cli.terminal import result, say
from kubelb_gen.errors import OutputError

# Facts are exported, never begun by hand.
_BEGUN = ("spec", "management", "tenant", "overlay")
_NEXT = {
    "spec": "fill in the facts, then run `kubelb-gen validate {}`",
    "management": "fill in the facts, then run `kubelb-gen validate {}`",
    "tenant": "fill in the tenant, ask for its facts (`kubelb-gen export`), then run "
    "`kubelb-gen validate {} facts.yaml`",
    "overlay": "write what differs, then run `kubelb-gen validate SPEC --overlay {}`",
}


@click.command("init")
@click.argument("path", required=False, metavar="[FILE]")
@click.option(
    "--kind",
    "name",
    default="spec",
    show_default=True,
    metavar="KIND",
    help="What to begin: spec, management, tenant or overlay.",
)
def command(path: str | None, name: str) -> None:
    """Print a commented first spec, or write it to FILE.

    Its comments say how to find each fact: node addresses, egress ranges, internal
    ranges.  FILE is never overwritten.
    """
    kind = kind_called(name, _BEGUN)
    text = (assets.template_root() / "init" / f"{kind}.yaml").read_text("utf-8")
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
    say(f"wrote {path}: {_NEXT[kind].format(path)}")
