"""`kubelb-gen templates`: our templates by name, and the text of each."""

import click

from kubelb_gen.cli.terminal import color_option, result
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.render.own.folder import our_names, our_text, purpose


@click.command("templates")
@click.argument("name", required=False, metavar="[NAME]")
@color_option
def command(name: str | None) -> None:
    """List our templates, or print one, to be changed for `render --templates`.

    What each is given stands behind its name.  One that begins with _ is included by
    others.
    """
    names = our_names()
    if name is None:
        width = max(map(len, names))
        result("".join(f"{each:<{width}}  {purpose(each)}\n" for each in names))
        return
    if name not in names:
        raise UsageError(unknown("template", name, names))
    result(our_text(name))
