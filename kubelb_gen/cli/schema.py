"""`kubelb-gen schema`: the JSON Schema, for editors and pipelines."""

import click

from kubelb_gen import assets
from kubelb_gen.cli.terminal import result


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the spec.

    Save it and name it in the first line of a spec, so that an editor completes and
    checks: `# yaml-language-server: $schema=spec-v1alpha1.json`.
    """
    result(assets.schema_text("spec-v1alpha1.json"))
