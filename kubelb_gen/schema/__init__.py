"""A document against its JSON Schema, told in the user's words.

The schema branches with if/then on named fields only, so that each error is about
one field, and no guess is needed which branch was meant.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.schema.accepting import acceptor, compiled, is_integer
from kubelb_gen.schema.kinds import API_VERSION, FILES, OVERLAY, PARTS, SPEC, schema_of
from kubelb_gen.schema.wording import Fault, closest, did_you_mean, quoted, worded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.document import Document

__all__ = [
    "API_VERSION",
    "FILES",
    "OVERLAY",
    "PARTS",
    "SPEC",
    "did_you_mean",
    "schema_of",
    "validate",
]


def validate(
    document: Document, kinds: tuple[str, ...] = (*PARTS, OVERLAY)
) -> list[Diagnostic]:
    """Return what keeps *document* from being of its kind; empty when it is.

    A kind that is not among *kinds* is told, too.
    """
    if strangers := list(_foreign(document, kinds)):
        return strangers
    if _acceptor(document.data["kind"])(document.data):
        return []
    found: dict[tuple[DataPath | None, str], Diagnostic] = {}
    for error in _validator(document.data["kind"]).iter_errors(document.data):
        for diagnostic in worded(_fault(error, document.at)):
            # Of two lists of options, the later one is narrowed by another field.
            found[diagnostic.at, diagnostic.id] = diagnostic
    return list(found.values())


@functools.cache
def _acceptor(kind: str) -> Callable[[Any], bool]:
    return acceptor(schema_of(kind))


@functools.cache
def _validator(kind: str) -> Draft202012Validator:
    # Imported here: only a document that has something wrong needs it.
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: is_integer(value)
    )
    # The library leaves this one function without types.
    validator = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"pattern": _pattern}, type_checker=types
    )
    return cast(
        "Draft202012Validator",
        validator(schema=_inlined(schema := schema_of(kind), schema)),
    )


def _inlined(node: Any, root: dict[str, Any]) -> Any:
    # The library looks a `$ref` up each time it meets one, which is a third of the
    # time for a large fleet.  The schema is no recursive one.
    if isinstance(node, list):
        return [_inlined(each, root) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _inlined(each, root) for key, each in node.items() if key != "$defs"}
    name = inner.pop("$ref", None)
    if name is None:
        return inner
    target = _inlined(root["$defs"][name.removeprefix("#/$defs/")], root)
    if inner.keys() & target.keys() <= {"description", "default"}:
        return {**target, **inner}
    return {**inner, "allOf": [*inner.get("allOf", ()), target]}


def _pattern(
    _validator: object, pattern: str, value: object, _schema: object
) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415

    if isinstance(value, str) and not compiled(pattern).search(value):
        yield ValidationError(f"{value!r} does not match")


def _foreign(document: Document, kinds: tuple[str, ...]) -> Iterator[Diagnostic]:
    for field, known in (("apiVersion", (API_VERSION,)), ("kind", kinds)):
        # A list is no key of a set, so this asks one after another.
        if any(document.data.get(field) == each for each in known):
            continue
        wanted = known[0]
        if field not in document.data:
            yield Diagnostic(
                id="missing-field",
                severity=Severity.ERROR,
                message=f"'{field}' is missing",
                at=document.at / field,
                hint=f"a spec begins with '{field}: {wanted}'",
            )
        elif field == "kind" and document.data[field] in list(FILES):
            yield _misplaced(document)
        else:
            given = document.data[field]
            close = closest(given, known) or (known[0] if len(known) == 1 else None)
            yield Diagnostic(
                id="unknown-version" if field == "apiVersion" else "unknown-kind",
                severity=Severity.ERROR,
                message=f"{quoted(given)} is no {field} that this release reads",
                at=document.at / field,
                label=f"write {close}" if close else f"one of: {', '.join(known)}",
                proposed=close,
            )


def _misplaced(document: Document) -> Diagnostic:
    kind = document.data["kind"]
    hint = "name it as SPEC; --overlay takes documents of kind ClientIPOverlay"
    if kind == OVERLAY:
        hint = "it changes the spec that it is laid over: give it with --overlay FILE"
    return Diagnostic(
        id="misplaced-kind",
        severity=Severity.ERROR,
        message=f"a document of kind {kind} is read elsewhere",
        at=document.at / "kind",
        hint=hint,
    )


def _fault(error: ValidationError, root: DataPath) -> Fault:
    """Translate the library's error; its key is set where a key is at fault."""
    at = root
    for key in error.absolute_path:
        at /= key
    on_key = "propertyNames" in error.relative_schema_path
    if on_key:
        at /= str(error.instance)
    return Fault(
        at=at,
        keyword=str(error.validator),
        wanted=error.validator_value,
        given=error.instance,
        schema=error.schema if isinstance(error.schema, dict) else {},
        text=error.message,
        on_key=on_key,
    )
