"""The pages of `docs/reference/`, from the schema, the commands and the rules."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from kubelb_gen import assets
from kubelb_gen.checks.registry import RULES
from kubelb_gen.cli.commands import program
from kubelb_gen.cli.kinds import SHORT
from kubelb_gen.schema.kinds import FACTS, OVERLAY, SPEC, schema_of
from tests.support import providers, template_page
from tests.support.outputs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]

_NOTE = "<!-- Generated: pytest --update-golden tests/docs. Do not edit. -->\n"
_TYPES = {
    "array": "list",
    "object": "mapping",
    "boolean": "true or false",
    "integer": "whole number",
    "string": "text",
}


def pages() -> dict[str, str]:
    """Return every page of the reference by its file name."""
    return {
        "commands.md": "".join(_commands()),
        "outputs.md": "".join(_outputs()),
        "providers.md": "".join(providers.page(_NOTE)),
        "rules.md": "".join(_rules()),
        "spec.md": "".join(_spec()),
        "templates.md": "".join(template_page.page(_NOTE)),
    }


def _spec() -> Iterator[str]:
    schema = json.loads(assets.schema_text("spec-v1alpha1.json"))
    yield f"# The spec\n\n{_NOTE}\n{schema['description']}\n"
    yield "A property in bold has to be there.\n"
    yield "`kubelb-gen schema` prints the same as JSON Schema, for editors.\n"
    yield from _object("ClientIPSpec", schema)
    for name, each in schema["$defs"].items():
        if "properties" in each:
            yield from _object(name, each)
    yield "\n## Formats\n\nWhat the texts, numbers and lists above may be.\n\n"
    yield "| format | what it is |\n| --- | --- |\n"
    for name, each in schema["$defs"].items():
        if "properties" not in each:
            anchor = f'<a id="{name.lower()}"></a>`{name}`'
            yield f"| {anchor} | {_format(each)} |\n"
    yield from _kinds()


def _kinds() -> Iterator[str]:
    yield "\n## Other kinds\n\n"
    yield "They have the fields above, under the same names, and these are different.\n"
    for kind, short in {long: short for short, long in SHORT.items()}.items():
        if kind == SPEC:
            continue
        schema = schema_of(kind)
        yield f"\n### {kind}\n\n{schema['description']}\n"
        yield f"`kubelb-gen schema --kind {short}` prints it.\n"
        if kind != OVERLAY:
            yield "\n| property | what it says |\n| --- | --- |\n"
            for key, each in schema["properties"]["spec"]["properties"].items():
                refused = f"Refused: {_cell(each)}; {each.get('$comment')}."
                yield f"| `{key}` | {refused if 'not' in each else _cell(each)} |\n"
    others = schema_of(FACTS)["$defs"]["edge"]["properties"]["others"]
    yield "\n`others` of an edge, in a ManagementSpec and in ManagementFacts: "
    yield f"{_cell(others)}\n\n| property | type | default | what it says |\n"
    yield "| --- | --- | --- | --- |\n"
    yield from _rows("", others)


def _object(name: str, schema: Schema) -> Iterator[str]:
    yield f"\n## {name}\n\n"
    if name != "ClientIPSpec":
        yield f"{schema['description']}\n\n"
    yield "| property | type | default | what it says |\n| --- | --- | --- | --- |\n"
    yield from _rows("", schema)
    conditions = [_condition(each) for each in schema.get("allOf", ())]
    if any(conditions):
        yield "\n"
        yield from (f"- {each}\n" for each in conditions if each)


def _rows(prefix: str, schema: Schema) -> Iterator[str]:
    required = schema.get("required", ())
    for key, each in schema["properties"].items():
        path = f"{prefix}{key}"
        shown = f"**`{path}`**" if key in required else f"`{path}`"
        default = f"`{_plain(each['default'])}`" if "default" in each else ""
        yield f"| {shown} | {_type(each)} | {default} | {_cell(each)} |\n"
        inner, mark = _inner(each)
        if inner is not None:
            yield from _rows(f"{path}{mark}.", inner)


def _inner(schema: Schema) -> tuple[Schema | None, str]:
    """Return the object that a property holds in place, and how a path enters it."""
    if "properties" in schema:
        return schema, ""
    if "properties" in schema.get("items", {}):
        return schema["items"], "[]"
    return None, ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return f"[{name}](#{name.lower()})"
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " \\| ".join(f"`{_plain(each)}`" for each in values)
    return _shape(schema)


def _shape(schema: Schema) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        items = schema.get("items", {})
        return "list" if "properties" in items else f"list of {_type(items)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping of names to {_type(schema['additionalProperties'])}"
    if isinstance(kind, list):
        return " or ".join(_TYPES[each] for each in kind)
    return f"{_TYPES.get(kind, kind)}{_range(schema)}"


def _range(schema: Schema) -> str:
    if "minimum" in schema and "maximum" in schema:
        return f", {schema['minimum']} to {schema['maximum']}"
    return ""


def _format(schema: Schema) -> str:
    parts: list[str] = [schema.get("title", ""), _cell(schema)]
    if "enum" in schema or schema.get("type") == "array":
        parts.append(_type(schema))
    return ": ".join(part for part in parts if part)


def _condition(schema: Schema) -> str:
    asked = schema.get("if", {})
    where = " and ".join(
        f"`{key}` is {_choice(each)}"
        for key, each in asked.get("properties", {}).items()
    )
    told = [f"Where {where}: {each}." for each in _consequences(schema.get("then", {}))]
    told += [f"Else: {each}." for each in _consequences(schema.get("else", {}))]
    return " ".join(told)


def _choice(schema: Schema | bool) -> str:
    if isinstance(schema, bool):
        return "there"
    if "type" in schema:
        return f"a {_TYPES[schema['type']]}"
    values = schema.get("enum", [schema.get("const")])
    return " or ".join(f"`{_plain(each)}`" for each in values)


def _consequences(schema: Schema) -> Iterator[str]:
    if "required" in schema:
        names = ", ".join(f"`{each}`" for each in schema["required"])
        yield f"{names} has to be there"
    for key, each in schema.get("properties", {}).items():
        if "not" in each:
            yield f"no `{key}` ({each['description']})"
        elif "enum" in each:
            yield f"`{key}` is {_choice(each)}"


def _cell(schema: Schema) -> str:
    text: str = schema.get("description", "")
    return text.replace("|", "\\|").replace("<", "\\<")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _commands() -> Iterator[str]:
    # A command keeps the option for help of the first context that asks for it.
    settings = program.context_settings
    context = click.Context(program, info_name="kubelb-gen", **settings)
    yield f"# The commands\n\n{_NOTE}\n{_prose(program.help)}\n"
    yield "\n## Options of all commands\n\n"
    yield "They stand before the command: `kubelb-gen --color never validate`."
    yield f"\n\n{''.join(_options(program))}"
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if command is None:
            continue
        usage = " ".join(["kubelb-gen", name, *command.collect_usage_pieces(context)])
        yield f"\n## {name}\n\n{_prose(command.help)}\n\n`{usage}`\n"
        if any(isinstance(each, click.Option) for each in command.params):
            yield f"\n{''.join(_options(command))}"
    yield "\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n"
    codes = re.compile(r"^ *(\d+)  +(.+)$", re.MULTILINE)
    for code, meaning in codes.findall(program.epilog or ""):
        yield f"| {code} | {meaning} |\n"


def _options(command: click.Command) -> Iterator[str]:
    yield "| option | default | what it does |\n| --- | --- | --- |\n"
    for option in command.params:
        if isinstance(option, click.Option):
            yield f"| {_spelled(option)} | {_default(option)} | {option.help or ''} |\n"


def _spelled(option: click.Option) -> str:
    value = ""
    if isinstance(option.type, click.Choice):
        value = " " + "\\|".join(option.type.choices)
    elif not option.is_flag:
        value = f" {option.metavar or 'TEXT'}"
    return ", ".join(f"`{each}{value}`" for each in option.opts)


def _default(option: click.Option) -> str:
    return f"`{option.default}`" if option.show_default else ""


def _prose(text: str | None) -> str:
    paragraphs = re.split(r"\n\s*\n", (text or "").strip())
    return "\n\n".join(re.sub(r"\s+", " ", each).strip() for each in paragraphs)


def _rules() -> Iterator[str]:
    yield f"# The rules\n\n{_NOTE}\n"
    yield "Each has a stable id, which `suppress` in a spec takes.\n\n"
    yield "| rule | mostly | in one sentence |\n| --- | --- | --- |\n"
    for name, rule in RULES.items():
        yield f"| [{name}](#{name}) | {rule.SEVERITY} | {_manual(rule)[0]} |\n"
    for name, rule in RULES.items():
        first, rest = _manual(rule)
        yield f"\n## {name}\n\n{first}\n\n{rest}\n"


def _manual(rule: object) -> tuple[str, str]:
    """Return the first sentence of a rule's manual page, and the rest of it."""
    first, _, rest = (rule.__doc__ or "").strip().partition("\n\n")
    return re.sub(r"\s+", " ", first), "\n\n".join(map(_paragraph, _parts(rest)))


def _parts(text: str) -> list[str]:
    return re.split(r"\n\n(?=\S)|\n\n(?=    )", text.strip("\n"))


def _paragraph(text: str) -> str:
    if not text.startswith("    "):
        return text
    code = "\n".join(line.removeprefix("    ") for line in text.splitlines())
    return f"```text\n{code}\n```"


def _outputs() -> Iterator[str]:
    yield f"# The files that come out\n\n{_NOTE}\n"
    yield "`apply` are objects for a cluster's API server.\n"
    yield "`expected` is what KubeLB itself will create: never apply it.\n"
    yield "`file` is read by a program: Helm, kustomize, NGINX, HAProxy, Envoy.\n"
    yield "The kind is what `--only` takes and what the lock file says.\n\n"
    yield "| kind | path under the output folder | role | what it is |\n"
    yield "| --- | --- | --- | --- |\n"
    for each in OUTPUTS:
        yield f"| `{each.kind}` | `{each.path}` | {each.role} | {each.what} |\n"
    yield "| | `kubelb-gen.lock.json` | | what was written, with hashes: "
    yield "how a later run tells its own files from others |\n"
