"""`kubelb-gen adopt`: a spec from what runs."""

import re
from pathlib import Path
from typing import Any

import click

from kubelb_gen import api
from kubelb_gen.adopt import Adopted, Given
from kubelb_gen.catalogue import provider_names
from kubelb_gen.cli.dumps import dump_options, read_options
from kubelb_gen.cli.terminal import color_option, format_option, result, say
from kubelb_gen.cli.wording import unknown
from kubelb_gen.errors import OutputError, UsageError
from kubelb_gen.report.counting import counted

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_VERSION = re.compile(r"v?\d+\.\d+(?:\.\d+)?(?:[-+].*)?")


@click.command("adopt")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@dump_options
@click.option(
    "--facts",
    metavar="SPEC",
    help="A spec whose kubelb, management and tenants' facts are the truth.",
)
@click.option("--name", default="adopted", help="metadata.name of the spec.")
@click.option("--kubelb-version", metavar="X.Y.Z", help="KubeLB's release.")
@click.option("--edition", type=click.Choice(["CE", "EE"]), help="KubeLB's edition.")
@click.option(
    "--load-balancer",
    metavar="PROVIDER",
    help="The load balancer, where no annotation tells ('providers' lists them).",
)
@click.option("-o", "--output", metavar="FILE", help="Write the spec to FILE.")
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
@format_option(
    "yaml",
    "json",
    help="The spec with comments, or spec, counts and what was left out as JSON.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is not an error.")
@color_option
def command(**options: Any) -> int:  # noqa: ANN401  click's own
    """Print a spec of what runs: dumps of `kubectl get -o yaml|json`, and our files.

    Read are Services, Gateways, routes, Ingresses and ClientTrafficPolicies of tenant
    clusters; LoadBalancers, Addresses, Tenants, Config, Services, EnvoyProxies and
    Nodes of the management cluster; ConfigMaps, NGINX and HAProxy files that kubelb-gen
    rendered.  FILE is a file, a folder or - for standard input.  Whose objects they are
    KubeLB's names tell; --management and --tenant say it where they do not.

    What no object tells becomes `unknown`, with a comment.  Secrets are never read.
    """
    _refuse(options)
    dumps = read_options(options["files"], options["management"], options["tenants"])
    given = Given(
        name=options["name"],
        version=options["kubelb_version"],
        edition=options["edition"],
        load_balancer=options["load_balancer"],
        facts=api.facts_of(options["facts"]) if options["facts"] else None,
    )
    adopted = api.adopt(dumps, given)
    if options["layout"] == "json":
        from kubelb_gen.report.adopted_json import adopted_json  # noqa: PLC0415

        text = adopted_json(adopted)
    else:
        text = adopted.text
    _hand_over(text, options)
    if not options["quiet"]:
        _summarise(adopted, options["output"])
    return 0


def _refuse(options: dict[str, Any]) -> None:
    if options["force"] and options["output"] is None:
        message = "--force is about writing: name a file with -o"
        raise UsageError(message)
    balancer = options["load_balancer"]
    if balancer is not None and balancer not in provider_names():
        raise UsageError(unknown("load balancer", balancer, provider_names()))
    version = options["kubelb_version"]
    if version is not None and not _VERSION.fullmatch(version):
        message = f"--kubelb-version is X.Y.Z, not '{version}'"
        raise UsageError(message)
    if not _NAME.fullmatch(options["name"]):
        message = f"--name is lower-case letters, digits and -, not '{options['name']}'"
        raise UsageError(message)


def _hand_over(text: str, options: dict[str, Any]) -> None:
    path = options["output"]
    if path in (None, "-"):
        result(text)
        return
    mode = "w" if options["force"] else "x"
    try:
        with Path(path).open(mode, encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = (
            f"'{path}' is there already, and is left as it is; --force replaces it"
        )
        raise OutputError(message) from error
    except OSError as error:
        message = f"cannot write '{path}': {error.strerror}"
        raise OutputError(message) from error


def _summarise(adopted: Adopted, path: str | None) -> None:
    for each in adopted.told:
        say(f"note: {each.message}")
    parts = [counted(adopted.services, "service")]
    if adopted.backends:
        parts.append(f"{counted(adopted.backends, 'backend')} behind routes")
    found = ", ".join(parts)
    say(f"adopted {found}; {adopted.unknown} unknown, {adopted.guessed} guessed")
    if path not in (None, "-"):
        say(f"wrote {path}: `kubelb-gen validate {path}` lists what is unknown")
