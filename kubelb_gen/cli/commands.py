"""The commands by name; a command's module is imported when it runs."""

import importlib

import click

from kubelb_gen import __version__
from kubelb_gen.cli.terminal import color_option
from kubelb_gen.cli.wording import unknown

# The one-line helps stand here, so that `--help` imports no command.
_COMMANDS = {
    "render": "Write every file on KubeLB's path, or print the objects.",
    "validate": "Say whether a spec is one, and a sound one.",
    "trace": "Say which address each backend sees, hop by hop, and why.",
    "diff": "Say what a change means, to clients first, then file by file.",
    "rollout": "Say in which steps one spec becomes another, breaking nothing.",
    "adopt": "Print a spec of what runs.",
    "drift": "Say whether what runs is what the spec renders.",
    "rule": "List the rules, or print the manual page of one.",
    "providers": "List the load balancers of the catalogue, or explain one.",
    "probe": "Say whether a running backend wants a PROXY header.",
    "krm": "Be a KRM function: read a ResourceList, add what its specs render to.",
    "templates": "List our templates, or print one, to be changed.",
    "snippet": "Print code that finds the client in an application.",
    "schema": "Print the JSON Schema of the spec.",
    "init": "Print a commented first spec.",
    "export": "Print the facts that another owner's spec needs.",
    "completion": "Print the completion script of a shell.",
}
_EXIT_CODES = """\b
Exit codes:
  0    fine
  1    the answer is no: findings, differences
  2    usage
  3    the input cannot be used
  4    the environment refused
  70   a bug in kubelb-gen
  130  interrupted"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"kubelb_gen.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not ctx.resilient_parsing:
            raise click.UsageError(unknown("command", name, _COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@color_option
def program() -> None:
    """Let the backend see the client, at every hop of KubeLB.

    One client-IP spec in; tenant Service, Envoy, Cilium, ClientTrafficPolicy and
    backend configurations out.
    """
