"""`kubelb-gen krm`: the KRM function."""

import sys

import click

from kubelb_gen import krm
from kubelb_gen.cli.specs import given_overlays, overlay_option
from kubelb_gen.cli.terminal import color_option, draw, result, say
from kubelb_gen.document import read_sources
from kubelb_gen.errors import UsageError


@click.command("krm")
@click.argument("config", required=False, metavar="[CONFIG]")
@click.option("--cluster", metavar="NAME", help="Render management's, or one tenant's.")
@overlay_option
@click.option("--force", is_flag=True, help="Replace items that are not ours, too.")
@click.option("--templates", metavar="DIR", help="Lay files out with these templates.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
@color_option
def command(
    config: str | None,
    cluster: str | None,
    templates: str | None,
    *,
    force: bool,
    quiet: bool,
) -> int:
    """Read a ResourceList, and print it with the objects that its specs render to.

    The specs are functionConfig, or items of kind ClientIPSpec, TenantSpec and so on; a
    functionConfig that is a ClientIPOverlay is laid over those items.  Where there are
    objects for several clusters, the annotation kubelb-gen/cluster of a spec names
    one, or --cluster, or a functionConfig that is a ConfigMap with `cluster`.
    Findings stand in `results`; an error exits 3 and leaves the items as they are.

    With CONFIG, the path of a spec or of a folder with specs, print the objects alone:
    that is how kustomize calls a generator.  Nothing to print is an error.

    --templates is the operator's: nothing in a ResourceList can ask for templates.
    """
    if config is not None:
        if force:
            message = "--force is about items, and CONFIG has none"
            raise UsageError(message)
        return _generate(config, cluster, templates, quiet=quiet)
    if given_overlays():
        message = "--overlay is for CONFIG; a ResourceList has it as functionConfig"
        raise UsageError(message)
    if sys.stdin is None or sys.stdin.isatty():
        message = "a ResourceList is read from standard input, or name a CONFIG"
        raise UsageError(message)
    (source,) = read_sources(["-"])
    answer = krm.answer(source, cluster=cluster, force=force, templates=templates)
    result(answer.text)
    if answer.errors:
        say(draw(answer.errors, sys.stderr), end="")
        return 3
    for name in () if quiet else answer.removed:
        say(f"removed: {name}, which is rendered no more")
    return 0


def _generate(
    config: str, cluster: str | None, templates: str | None, *, quiet: bool
) -> int:
    stream, findings = krm.generate(
        read_sources([config]),
        read_sources(given_overlays()),
        cluster=cluster,
        templates=templates,
    )
    if findings and not quiet:
        say(draw(findings, sys.stderr), end="")
    result(stream)
    return 0
