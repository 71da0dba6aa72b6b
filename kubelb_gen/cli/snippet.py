"""`kubelb-gen snippet`: code that finds the client in an application of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kubelb_gen import api
from kubelb_gen.cli.specs import load_specs, spec_argument
from kubelb_gen.cli.terminal import color_option, result
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import UsageError
from kubelb_gen.render.snippet import FRAMEWORKS

if TYPE_CHECKING:
    from kubelb_gen.plan.applications import Application


@click.command("snippet")
@click.argument("framework", type=click.Choice(list(FRAMEWORKS)), metavar="FRAMEWORK")
@spec_argument
@click.option(
    "--service",
    metavar="[NAMESPACE/]NAME",
    help="For this backend; needed where several read a header.",
)
@click.option("--tenant", metavar="NAME", help="For a backend of this tenant.")
@color_option
def command(
    framework: str, specs: tuple[str, ...], service: str | None, tenant: str | None
) -> None:
    """Print code that finds the client in an application of kind `other`.

    The code reads the header that `reads` names, of the peers that the plan knows, and
    counts or walks it from the right. A spec with errors has none.

    FRAMEWORK is django, express, go, gunicorn, rails, spring-boot or uvicorn.
    """
    fleet = load_specs(specs)
    tenants = [each.name for each in fleet.tenants]
    if tenant is not None and tenant not in tenants:
        raise UsageError(unknown("tenant", tenant, tenants))
    chosen = [each for each in api.applications(fleet) if tenant in (None, each.tenant)]
    result(api.snippet(framework, _the_one(chosen, service)))


def _the_one(known: list[Application], service: str | None) -> Application:
    if not known:
        message = (
            "no backend of kind 'other' finds the client in a header here; one behind "
            "a Gateway or an Ingress says by 'reads' in which"
        )
        raise UsageError(message)
    whole = service is not None and "/" in service
    names = [f"{each.namespace}/{each.name}" if whole else each.name for each in known]
    if service is not None and service not in names:
        raise UsageError(
            unknown("backend that finds the client in a header", service, names)
        )
    chosen = [
        each for each, name in zip(known, names, strict=True) if service in (None, name)
    ]
    if len(chosen) > 1:
        told = ", ".join(
            f"{each.tenant}/{each.namespace}/{each.name}" for each in chosen
        )
        message = f"say which by --service and --tenant: {told}"
        raise UsageError(message)
    return chosen[0]
