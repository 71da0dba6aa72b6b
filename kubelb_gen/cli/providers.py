"""`kubelb-gen providers`: the load balancer catalogue, and the page of each entry."""

import click

from kubelb_gen.catalogue import provider, provider_names
from kubelb_gen.cli.terminal import color_option, format_option, page_width, result
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.report.providers import provider_text, providers_json, providers_text


@click.command("providers")
@click.argument("name", required=False, metavar="[NAME]")
@format_option("text", "json", help="Text, or JSON with all that the catalogue says.")
@color_option
def command(name: str | None, layout: str) -> None:
    """List the load balancers that the catalogue knows, or explain one.

    A name is what `provider` in a spec takes. A question mark stands behind PROXY
    versions that the vendor does not name.
    """
    known = provider_names()
    if name is not None and name not in known:
        raise UsageError(unknown("provider", name, known))
    chosen = [provider(each) for each in (known if name is None else [name])]
    if layout == "json":
        result(providers_json(chosen))
    elif name is None:
        result(providers_text(chosen))
    else:
        result(provider_text(chosen[0], page_width()))
