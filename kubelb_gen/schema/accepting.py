"""Says yes to what a schema accepts, quickly; the library says why it does not.

A schema becomes functions that answer yes or no, each made when a value first gets to
it.  They hold what the keywords below mean to the library (a property test holds both
against each other), so that nobody imports it for a sound document.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[Any], bool]
    Schema = dict[str, Any]

_ABOUT_WORDS = frozenset(
    {
        *("$schema", "$id", "$defs", "$comment", "title", "description"),
        *("default", "deprecated", "examples"),
    }
)
_OF_OBJECTS = frozenset(
    {
        *("properties", "required", "additionalProperties"),
        *("propertyNames", "minProperties"),
    }
)
_OF_LISTS = frozenset({"items", "minItems", "maxItems", "uniqueItems"})
_OF_TEXT = frozenset({"pattern", "maxLength", "minLength"})
_OF_NUMBERS = frozenset({"minimum", "maximum"})
_ANYTHING: dict[str, Any] = {}
_OF_BRANCHES = frozenset({"if", "then", "else"})


class _Unsure(Exception):  # noqa: N818  sends the document to the library
    """A keyword or a value that is not decided here."""


def acceptor(schema: Schema) -> Check:
    """Return what says yes to data that *schema* accepts, and no where in doubt."""
    maker = _Maker(schema)

    def accepts(data: Any) -> bool:
        try:
            return maker.check(schema)(data)
        except (_Unsure, RecursionError):
            return False
        finally:
            maker.forget()

    return accepts


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    r"""Read *pattern* as JSON Schema does, where `$` is the very end.

    >>> compiled("^a$").search("a\\n") is None
    True
    """
    return re.compile(re.sub(r"(?<!\\)\$(?=$|[|)])", r"\\Z", pattern))


def is_integer(value: object) -> bool:
    """Tell integers from 1.0 and 1e3, which JSON Schema would let pass."""
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


class _Members(dict[str, "Check | None"]):
    """Checks by the name of a property; None where no value will do."""

    def __init__(self, maker: _Maker, schema: Schema) -> None:
        super().__init__()
        self._maker = maker
        self._properties = schema.get("properties", {})
        others = schema.get("additionalProperties", _ANYTHING)
        self._others = None if others is False else maker.check(others)

    def __missing__(self, name: str) -> Check | None:
        if name not in self._properties:
            return self._others
        self[name] = check = self._maker.check(self._properties[name])
        return check


class _Maker:
    """Makes the checks of one schema, those of a definition once."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._known: dict[int, Check] = {}
        self._seen: list[dict[int, bool]] = []

    def check(self, schema: Any) -> Check:
        """Return what tells whether *schema* accepts a value."""
        if isinstance(schema, bool):
            return lambda _: schema
        if id(schema) not in self._known:
            # The whole schema lives as long as this, so that no id is given again.
            check = _all(tuple(self._checks(schema)))
            # Equal lines of a spec are one value, and branches take long to check.
            self._known[id(schema)] = self._once(check) if "allOf" in schema else check
        return self._known[id(schema)]

    def _once(self, check: Check) -> Check:
        known: dict[int, bool] = {}
        self._seen.append(known)

        def once(value: Any) -> bool:
            found = known.get(id(value))
            if found is None:
                found = known[id(value)] = check(value)
            return found

        return once

    def forget(self) -> None:
        """Forget which values were sound: their ids may be given again."""
        for known in self._seen:
            known.clear()

    def _checks(self, schema: Schema) -> Iterator[Check]:
        left = schema.keys() - _ABOUT_WORDS
        makers: tuple[tuple[str, Callable[[], Check]], ...] = (
            ("type", lambda: _typed(schema["type"])),
            ("$ref", lambda: self._definition(schema["$ref"])),
            ("enum", lambda: _one_of(schema["enum"])),
            ("const", lambda: _one_of([schema["const"]])),
            ("allOf", lambda: _all(tuple(map(self.check, schema["allOf"])))),
            ("not", lambda: self._refused(schema["not"])),
        )
        for keyword, maker in makers:
            if keyword in left:
                yield maker()
                left -= {keyword}
        for keywords, group in (
            (_OF_TEXT, _text),
            (_OF_NUMBERS, _number),
            (_OF_LISTS, self._list),
            (_OF_OBJECTS, self._object),
            (_OF_BRANCHES, self._branch),
        ):
            if left & keywords:
                yield group(schema)
                left -= keywords
        if left:
            raise _Unsure

    def _definition(self, reference: str) -> Check:
        return self.check(self._root["$defs"][reference.removeprefix("#/$defs/")])

    def _refused(self, schema: Schema) -> Check:
        inner = self.check(schema)
        return lambda value: not inner(value)

    def _branch(self, schema: Schema) -> Check:
        condition = self.check(schema["if"])
        then = self.check(schema.get("then", _ANYTHING))
        otherwise = self.check(schema.get("else", _ANYTHING))
        return lambda value: then(value) if condition(value) else otherwise(value)

    def _list(self, schema: Schema) -> Check:
        least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
        distinct = schema.get("uniqueItems", False)
        inner = self.check(schema.get("items", _ANYTHING))

        def check(value: Any) -> bool:
            if not isinstance(value, list):
                return True
            if not least <= len(value) <= most:
                return False
            if distinct and not _are_distinct(value):
                return False
            return all([inner(each) for each in value])  # noqa: C419  quicker

        return check

    def _object(self, schema: Schema) -> Check:
        required = tuple(schema.get("required", ()))
        least = schema.get("minProperties", 0)
        names = schema.get("propertyNames")
        fits_name = None if names is None else self.check(names)
        members = _Members(self, schema)

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key in required:
                if key not in value:
                    return False
            for key, each in value.items():
                inner = members[key]
                if inner is None or not inner(each):
                    return False
                if fits_name is not None and not fits_name(key):
                    return False
            return bool(len(value) >= least)

        return check


def _all(checks: tuple[Check, ...]) -> Check:
    if not checks:
        return lambda _: True
    if len(checks) == 1:
        return checks[0]
    first, rest = checks[0], _all(checks[1:])
    return lambda value: first(value) and rest(value)


def _typed(names: str | list[str]) -> Check:
    if isinstance(names, str):
        return _TYPES[names]
    kinds = [_TYPES[name] for name in names]
    return lambda value: any(kind(value) for kind in kinds)


def _one_of(options: list[Any]) -> Check:
    if not all(each is None or isinstance(each, str) for each in options):
        # Of numbers, 1 is 1.0 and not true, which a set cannot tell.
        raise _Unsure
    known = frozenset(options)
    return lambda value: (value is None or isinstance(value, str)) and value in known


def _text(schema: Schema) -> Check:
    search = compiled(schema["pattern"]).search if "pattern" in schema else None
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))

    def check(value: Any) -> bool:
        if not isinstance(value, str):
            return True
        return least <= len(value) <= most and (not search or bool(search(value)))

    return check


def _number(schema: Schema) -> Check:
    least = schema.get("minimum", -float("inf"))
    most = schema.get("maximum", float("inf"))

    def check(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return True
        return bool(least <= value <= most)

    return check


def _are_distinct(values: list[Any]) -> bool:
    if not all(isinstance(each, str) for each in values):
        raise _Unsure
    return len(set(values)) == len(values)
