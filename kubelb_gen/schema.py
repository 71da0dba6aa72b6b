"""A document against its JSON Schema, told in the user's words.

The schema branches with if/then on named fields only, so that each error is about
one field, and no guess is needed which branch was meant.
"""

from __future__ import annotations

import difflib
import functools
import json
from typing import TYPE_CHECKING, Any

from kubelb_gen.assets import schema_text
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema.exceptions import ValidationError

    from kubelb_gen.document import Document

API_VERSION = "kubelb-gen/v1alpha1"
KIND = "ClientIPSpec"
SCHEMA = "spec-v1alpha1.json"

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}
# More options than this go into the hint, since they fit beside no caret.
_OPTIONS_IN_LABEL = 8


def validate(document: Document) -> list[Diagnostic]:
    """Return what keeps *document* from being a ClientIPSpec; empty when it is one."""
    if strangers := list(_foreign(document)):
        return strangers
    found: dict[tuple[object, ...], Diagnostic] = {}
    for error in _validator().iter_errors(document.data):
        for diagnostic in _told(error, document.at):
            key = (diagnostic.at, diagnostic.id)
            # Of two lists of options, the later one is narrowed by another field.
            found[key] = diagnostic
    return list(found.values())


def did_you_mean(word: object, options: Iterable[str]) -> str | None:
    """Return a hint with the option closest to *word*, if one is close.

    >>> did_you_mean("prots", ["ports", "name"])
    "did you mean 'ports'?"
    """
    if not isinstance(word, str):
        return None
    by_lower = {option.lower(): option for option in options}
    close = difflib.get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[close[0]]}'?" if close else None


@functools.cache
def _validator() -> Any:
    # Imported here: it takes a third of the time that a small spec needs in all.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
    validator = extend(Draft202012Validator, type_checker=types)
    return validator(json.loads(schema_text(SCHEMA)))


def _is_integer(_checker: object, value: object) -> bool:
    """Tell integers from 1.0 and 1e3, which JSON Schema would let pass."""
    return isinstance(value, int) and not isinstance(value, bool)


def _foreign(document: Document) -> Iterator[Diagnostic]:
    for field, wanted in (("apiVersion", API_VERSION), ("kind", KIND)):
        given = document.data.get(field)
        if given == wanted:
            continue
        if field not in document.data:
            yield _error(
                "missing-field",
                document.at,
                f"'{field}' is missing",
                hint=f"a spec begins with '{field}: {wanted}'",
            )
        else:
            yield _error(
                "unknown-" + ("version" if field == "apiVersion" else "kind"),
                document.at / field,
                f"{quoted(given)} is not {'an' if field[0] == 'a' else 'a'} {field}"
                " that this release reads",
                label=f"write {wanted}",
            )


def _told(error: ValidationError, root: DataPath) -> Iterator[Diagnostic]:
    at = root
    for key in error.absolute_path:
        at /= key
    on_key = "propertyNames" in error.relative_schema_path
    if on_key:
        at /= str(error.instance)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_fields(error, at)
        case "required":
            yield from _missing_fields(error, at)
        case "type":
            yield _wrong_type(error, at)
        case "enum":
            yield _not_one_of(error, at)
        case "not":
            yield _refused(error, at)
        case "pattern" | "maxLength":
            yield _malformed(error, at, on_key=on_key)
        case "minimum" | "maximum":
            low = error.schema.get("minimum")
            high = error.schema.get("maximum", "any")
            what = f"'{_field(at)}' is {error.instance}"
            label = f"from {low} to {high}" if high != "any" else f"at least {low}"
            yield _error("out-of-range", at, f"{what}, out of range", label=label)
        case "uniqueItems":
            yield _error("repeated-item", at, f"'{_field(at)}' names one twice")
        case _:
            yield _error("empty", at, f"'{_field(at)}' must not be empty")


def _unknown_fields(error: ValidationError, at: DataPath) -> Iterator[Diagnostic]:
    known = error.schema["properties"]
    for key in error.instance:
        if key not in known:
            hint = did_you_mean(key, known)
            yield _error(
                "unknown-field",
                at / key,
                f"unknown field {quoted(key)}",
                hint=hint or "fields here: " + ", ".join(known),
                on_key=True,
            )


def _missing_fields(error: ValidationError, at: DataPath) -> Iterator[Diagnostic]:
    # The library reports each missing field by itself and names it in its text only.
    field = error.message.split("'", 2)[1]
    owner = _field(at) if at.keys else "the document"
    hint = None
    if field == "class":
        hint = "or name a 'provider' of the catalogue"
    elif field == "backend":
        hint = "a backend may be absent only where clientIP is ignored"
    label = f"without '{field}'"
    yield _error(
        "missing-field",
        at / field,
        f"'{field}' is missing in '{owner}'",
        label=label,
        hint=hint,
    )


def _wrong_type(error: ValidationError, at: DataPath) -> Diagnostic:
    wanted = error.validator_value
    names = [wanted] if isinstance(wanted, str) else wanted
    value = error.instance
    hint = None
    if value is None:
        hint = "nothing stands behind the colon"
    elif error.schema.get("title") == "a version":
        hint = "put the version in quotes: without them, 1.20 is the number 1.2"
    elif "string" in names and isinstance(value, (int, float)):
        hint = "put it in quotes"
    elif "integer" in names and isinstance(value, str) and value.isdigit():
        hint = "write it without quotes"
    elif "array" in names and not isinstance(value, dict):
        hint = "put it in brackets to make it a list"
    elif "array" in names:
        hint = "start each item with '- '"
    return _error(
        "wrong-type",
        at,
        f"'{_field(at)}' must be {' or '.join(_TYPES[name] for name in names)}, "
        f"not {_kind_of(value)}",
        hint=hint,
    )


def _not_one_of(error: ValidationError, at: DataPath) -> Diagnostic:
    options = [str(option) for option in error.validator_value]
    listed = "one of: " + ", ".join(options)
    short = len(options) <= _OPTIONS_IN_LABEL
    hint = did_you_mean(error.instance, options)
    if not short and hint is None:
        hint = listed
    return _error(
        "not-one-of",
        at,
        f"'{_field(at)}' cannot be {quoted(error.instance)}",
        label=listed if short else "",
        hint=hint,
    )


def _refused(error: ValidationError, at: DataPath) -> Diagnostic:
    name = "not-carried-over" if error.schema.get("deprecated") else "misplaced-field"
    return _error(
        name,
        at,
        f"'{_field(at)}' cannot be set here: {error.schema['description']}",
        on_key=True,
    )


def _malformed(error: ValidationError, at: DataPath, *, on_key: bool) -> Diagnostic:
    title = error.schema.get("title", "what belongs here")
    hint = error.schema.get("description") if "title" in error.schema else None
    message = f"{quoted(error.instance)} is not {title}"
    if error.validator == "maxLength":
        length, most = len(error.instance), error.validator_value
        message += f": {length} characters, at most {most}"
    return _error("malformed", at, message, hint=hint, on_key=on_key)


def quoted(value: object) -> str:
    """Return *value* in quotes, short enough for a message."""
    most = 60
    text = value if isinstance(value, str) else _kind_or_text(value)
    return f"'{text}'" if len(text) <= most else f"'{text[:most]}...'"


def _kind_or_text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return _kind_of(value)
    return json.dumps(value)


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {str(value)[:40]}"
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _field(at: DataPath) -> str:
    """Name the field that *at* ends with: `ports[1]` for an item, else `port`."""
    keys = at.keys
    names = [index for index, key in enumerate(keys) if isinstance(key, str)]
    if not names:
        return "the document"
    last = names[-1]
    return str(DataPath(at.source, keys=keys[last:]))


def _error(
    name: str,
    at: DataPath,
    message: str,
    *,
    label: str = "",
    hint: str | None = None,
    on_key: bool = False,
) -> Diagnostic:
    return Diagnostic(
        id=name,
        severity=Severity.ERROR,
        message=message,
        at=at,
        label=label,
        hint=hint,
        on_key=on_key,
    )
