"""`kubelb-gen rule`: the rules, and the manual page of each."""

import click

from kubelb_gen.checks import RULES
from kubelb_gen.cli.terminal import color_option, format_option, page_width, result
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.report.rules import manual, rules_json, rules_text


@click.command("rule")
@click.argument("name", required=False, metavar="[ID]")
@format_option("text", "json", help="Text, or JSON with the manual pages.")
@color_option
def command(name: str | None, layout: str) -> None:
    """List the rules that `validate` judges by, or print the manual page of one.

    An ID is stable: `suppress` in a spec takes it, with a reason.
    """
    if name is not None and name not in RULES:
        raise UsageError(unknown("rule", name, RULES))
    chosen = RULES if name is None else {name: RULES[name]}
    if layout == "json":
        result(rules_json(chosen))
    elif name is None:
        result(rules_text(RULES))
    else:
        result(manual(name, RULES[name]).text(page_width()))
