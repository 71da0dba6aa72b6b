"""How each kind of schema error is put: the field, what it holds, what would do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
# More options than this go into the hint, since they fit beside no caret.
_OPTIONS_IN_LABEL = 8
_LONGEST_QUOTE = 60
_DIGITS = re.compile("[0-9]{1,9}")
# The one word that may stand for a list: of whoever writes another, a list is wanted.
_UNKNOWN = "unknown"
# What to say instead of a program that nothing is written for.
_OTHER = "other"
# What a field is about that is missing where something else is said.
_ABOUT_MISSING = {
    "class": "or name a 'provider' of the catalogue",
    "proxyProtocol": "none, accepted or required: `kubelb-gen probe HOST:PORT` asks "
    "a program that runs",
    "reads": "say how it finds the client: fromRight, cidrs or peer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One keyword of the schema that a value does not meet."""

    at: DataPath
    keyword: str
    wanted: Any
    given: Any
    schema: Mapping[str, Any]
    text: str
    on_key: bool = False

    def told(
        self,
        name: str,
        message: str,
        *,
        label: str = "",
        hint: str | None = None,
        below: str | None = None,
        proposed: str | int | None = None,
    ) -> Diagnostic:
        """Return the diagnostic; *below* names a field that it is about."""
        return Diagnostic(
            id=name,
            severity=Severity.ERROR,
            message=message,
            at=self.at if below is None else self.at / below,
            label=label,
            hint=hint,
            on_key=self.on_key or name in _ABOUT_THE_KEY,
            proposed=proposed,
        )


_ABOUT_THE_KEY = frozenset({"unknown-field", "misplaced-field", "not-carried-over"})


def worded(fault: Fault) -> Iterator[Diagnostic]:
    """Return what to tell the user about *fault*."""
    return _WORDINGS.get(fault.keyword, _empty)(fault)


def did_you_mean(word: object, options: Iterable[str]) -> str | None:
    """Return a hint with the option closest to *word*, if one is close.

    >>> did_you_mean("prots", ["ports", "name"])
    "did you mean 'ports'?"
    """
    close = closest(word, options)
    return f"did you mean '{close}'?" if close else None


def closest(word: object, options: Iterable[str]) -> str | None:
    """Return the option closest to *word*, if one is close."""
    if not isinstance(word, str):
        return None
    by_lower = {option.lower(): option for option in options}
    tried = word.lower()[:_LONGEST_QUOTE]
    from difflib import get_close_matches  # noqa: PLC0415  somebody has mistyped

    close = get_close_matches(tried, by_lower, n=1)
    return by_lower[close[0]] if close else None


def quoted(value: object) -> str:
    """Return *value* in quotes, short enough for a message."""
    if isinstance(value, (dict, list)):
        return _kind_of(value)
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) > _LONGEST_QUOTE:
        text = f"{text[:_LONGEST_QUOTE]}..."
    return f"'{text}'"


def _unknown_fields(fault: Fault) -> Iterator[Diagnostic]:
    known = fault.schema["properties"]
    for key in fault.given:
        if key not in known:
            hint = did_you_mean(key, known) or "fields here: " + ", ".join(known)
            yield fault.told(
                "unknown-field", f"unknown field {quoted(key)}", hint=hint, below=key
            )


def _missing_field(fault: Fault) -> Iterator[Diagnostic]:
    # The library reports each missing field by itself and names it in its text only.
    field = fault.text.split("'", 2)[1]
    owner = f"'{_field(fault.at)}'" if fault.at.keys else "the document"
    yield fault.told(
        "missing-field",
        f"'{field}' is missing in {owner}",
        label=f"without '{field}'",
        hint=_ABOUT_MISSING.get(field),
        below=field,
    )


def _wrong_type(fault: Fault) -> Iterator[Diagnostic]:
    names = [fault.wanted] if isinstance(fault.wanted, str) else fault.wanted
    wanted = " or ".join(_TYPES[name] for name in names)
    yield fault.told(
        "wrong-type",
        f"'{_field(fault.at)}' must be {wanted}, not {_kind_of(fault.given)}",
        hint=_type_hint(fault, names),
        proposed=_unquoted(fault, names),
    )


def _type_hint(fault: Fault, names: list[str]) -> str | None:
    match fault.given:
        case None:
            return "nothing stands behind the colon"
        case int() | float() if fault.schema.get("title") == "a version":
            return "put the version in quotes: without them, 1.20 is the number 1.2"
        case int() | float() if "string" in names:
            return "put it in quotes"
        case str() if "integer" in names and fault.given.isdigit():
            return "write it without quotes"
        case _ if "array" in names:
            return "start each item with '- ', or put the list in brackets"
    return None


def _unquoted(fault: Fault, names: list[str]) -> int | None:
    is_number = isinstance(fault.given, str) and _DIGITS.fullmatch(fault.given)
    return int(fault.given) if is_number and names == ["integer"] else None


def _not_one_of(fault: Fault) -> Iterator[Diagnostic]:
    options = [str(option) for option in fault.wanted if option is not None]
    if options == [_UNKNOWN]:
        yield from _wrong_type(replace(fault, wanted="array"))
        return
    listed = "one of: " + ", ".join(options)
    short = len(options) <= _OPTIONS_IN_LABEL
    hint = did_you_mean(fault.given, options)
    if hint is None and _OTHER in options:
        hint = "any other program is 'other', and you configure it"
    yield fault.told(
        "not-one-of",
        f"'{_field(fault.at)}' cannot be {quoted(fault.given)}",
        label=listed if short else "",
        hint=hint if short or hint else listed,
        proposed=closest(fault.given, options) if hint else None,
    )


def _refused(fault: Fault) -> Iterator[Diagnostic]:
    # A field that Services have and KubeLB drops is marked so that editors strike it.
    dropped = fault.schema.get("deprecated", False)
    yield fault.told(
        "not-carried-over" if dropped else "misplaced-field",
        f"'{_field(fault.at)}' cannot be set here: {fault.schema['description']}",
        hint=fault.schema.get("$comment"),
    )


def _malformed(fault: Fault) -> Iterator[Diagnostic]:
    title = fault.schema.get("title", "what belongs here")
    message = f"{quoted(fault.given)} is not {title}"
    if fault.keyword == "maxLength":
        message += f": {len(fault.given)} characters, at most {fault.wanted}"
    yield fault.told("malformed", message, hint=fault.schema.get("description"))


def _out_of_range(fault: Fault) -> Iterator[Diagnostic]:
    low, high = fault.schema["minimum"], fault.schema["maximum"]
    given = str(fault.given)[:_LONGEST_QUOTE]
    yield fault.told(
        "out-of-range",
        f"'{_field(fault.at)}' is {given}, out of range",
        label=f"from {low} to {high}",
    )


def _repeated(fault: Fault) -> Iterator[Diagnostic]:
    yield fault.told("repeated-item", f"'{_field(fault.at)}' names one thing twice")


def _too_many(fault: Fault) -> Iterator[Diagnostic]:
    yield fault.told(
        "too-many",
        f"'{_field(fault.at)}' has {len(fault.given)} items",
        label=f"at most {fault.wanted}",
        hint=fault.schema.get("description"),
    )


def _empty(fault: Fault) -> Iterator[Diagnostic]:
    yield fault.told("empty", f"'{_field(fault.at)}' must not be empty")


_WORDINGS: dict[str, Callable[[Fault], Iterator[Diagnostic]]] = {
    "additionalProperties": _unknown_fields,
    "required": _missing_field,
    "type": _wrong_type,
    "enum": _not_one_of,
    "not": _refused,
    "pattern": _malformed,
    "maxLength": _malformed,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "uniqueItems": _repeated,
    "minItems": _empty,
    "maxItems": _too_many,
    "minProperties": _empty,
}


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {str(value)[:_LONGEST_QUOTE]}"
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _field(at: DataPath) -> str:
    """Name the field that *at* ends with: `ports[1]` for an item, else `port`."""
    names = [index for index, key in enumerate(at.keys) if isinstance(key, str)]
    return str(DataPath(at.source, keys=at.keys[names[-1] :]))
