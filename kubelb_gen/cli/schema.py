"""`kubelb-gen schema`: the JSON Schemas, for editors and pipelines."""

import json

import click

from kubelb_gen import assets
from kubelb_gen.cli.kinds import SHORT, kind_called
from kubelb_gen.cli.terminal import result
from kubelb_gen.schema.kinds import FILES, SPEC, schema_of


@click.command("schema")
@click.option(
    "--kind",
    "name",
    default="spec",
    show_default=True,
    metavar="KIND",
    help="Of which documents: spec, management, tenant, facts or overlay.",
)
def command(name: str) -> None:
    """Print the JSON Schema of the spec, or of another kind of document.

    Save it and name it in the first line of a document, so that an editor completes
    and checks: `# yaml-language-server: $schema=spec-v1alpha1.json`.
    """
    kind = SHORT[kind_called(name)]
    if kind == SPEC:
        result(assets.schema_text(FILES[SPEC]))
    else:
        result(json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n")
