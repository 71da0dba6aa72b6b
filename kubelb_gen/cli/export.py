"""`kubelb-gen export`: the facts that another owner's spec needs."""

import json
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import color_option, format_option, result, say
from kubelb_gen.render.block import block


@click.command("export")
@spec_argument
@click.option("--tenant", required=True, metavar="NAME", help="Whose facts.")
@format_option("yaml", "json")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
@color_option
def command(specs: tuple[str, ...], tenant: str, layout: str, *, quiet: bool) -> None:
    """Print the facts about the management cluster that one tenant needs.

    With them its owner renders a TenantSpec alone: `render tenant.yaml facts.yaml`.
    SPEC is the whole estate's, or the ManagementSpec with the TenantSpecs there are.
    Nothing of another tenant is in it, and what only other tenants use is left out.
    """
    fleet = load_specs(specs)
    facts = api.export(fleet, tenant)
    silent = api.silent_tenants(fleet, tenant)
    if silent and not quiet:
        say(
            f"note: nothing is said of {', '.join(silent)}: edges that they share with "
            f"{tenant} are told as if these had no gateways"
        )
    if layout == "json":
        result(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        return
    result(facts_yaml(facts, tenant))


def facts_yaml(facts: dict[str, Any], tenant: str) -> str:
    """Return *facts* of *tenant* as a file to hand over."""
    heading = (
        f"# Exported by kubelb-gen for tenant {tenant}: what its TenantSpec needs.\n",
        f"# To do it again: kubelb-gen export --tenant {tenant} SPEC\n",
    )
    return "".join(heading) + block(facts, rows=True)
