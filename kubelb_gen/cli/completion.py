"""`kubelb-gen completion SHELL`: what a shell needs to complete our commands."""

import click
from click.shell_completion import get_completion_class

from kubelb_gen.cli.commands import program
from kubelb_gen.cli.terminal import result
from kubelb_gen.errors import UsageError


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    For bash: `eval "$(kubelb-gen completion bash)"`.
    """
    found = get_completion_class(shell)
    if found is None:
        message = f"no completion for '{shell}'"
        raise UsageError(message)
    result(found(program, {}, "kubelb-gen", "_KUBELB_GEN_COMPLETE").source() + "\n")
