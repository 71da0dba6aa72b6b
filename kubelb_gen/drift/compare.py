"""One object as the spec has it against the same object as it runs.

What the spec does not say, an API server fills in: that is no difference, but for the
few fields whose default is a decision.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.running.configurations import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.running import Object

# What an absent field means, where another value would change a path.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Service": {
        "externalTrafficPolicy": "Cluster",
        "internalTrafficPolicy": "Cluster",
        "loadBalancerClass": None,
        "sessionAffinity": "None",
        "type": "ClusterIP",
    },
    "LoadBalancer": {"externalTrafficPolicy": None, "persistence": None},
    "ClientTrafficPolicy": {
        "clientIPDetection": None,
        "enableProxyProtocol": None,
        "proxyProtocol": None,
    },
}
_WHOLE = frozenset({"selector", "propagatedAnnotations", "trustedCIDRs"})
_OF_PORTS = {"protocol": "TCP"}
# The text behind the checksum is compared itself; the name holds a UID.
_SECOND_HAND = ("kubelb-gen/config-sha256", "kubelb.k8c.io/lb-name")


class Delta(NamedTuple):
    """A field that differs, and its place in the object."""

    keys: tuple[str | int, ...]
    wanted: Any
    runs: Any

    @property
    def field(self) -> str:
        """The field, as `kubectl explain` would spell it; items by their names."""
        return ".".join(str(key) for key in self.keys)


def deltas(
    wanted: Object, runs: Object, ignored: frozenset[str] = frozenset()
) -> Iterator[Delta]:
    """Yield what *runs* has otherwise than *wanted*, but for fields *ignored*."""
    yield from _metadata(wanted, runs)
    for part in ("spec", "data"):
        ours, theirs = wanted.data.get(part), runs.data.get(part)
        if isinstance(ours, dict):
            found = theirs if isinstance(theirs, dict) else {}
            defaults = _DEFAULTS.get(wanted.kind, {}) if _is_whole(wanted, part) else {}
            yield from _mapping((part,), {**defaults, **ours}, found, defaults, ignored)


def _is_whole(wanted: Object, part: str) -> bool:
    """Tell whether what *wanted* leaves out is a default, and not a chart's to say."""
    return part == "spec" and (wanted.kind != "Service" or "type" in wanted.spec)


def _metadata(wanted: Object, runs: Object) -> Iterator[Delta]:
    for part, ours, theirs in (
        ("labels", wanted.labels, runs.labels),
        ("annotations", wanted.annotations, runs.annotations),
    ):
        for key, value in ours.items():
            if key not in _SECOND_HAND and theirs.get(key) != value:
                yield Delta(("metadata", part, key), value, theirs.get(key))


def _mapping(
    at: tuple[str | int, ...],
    wanted: Mapping[str, Any],
    runs: Mapping[str, Any],
    defaults: Mapping[str, Any],
    ignored: frozenset[str],
) -> Iterator[Delta]:
    for key, ours in wanted.items():
        if key in ignored:
            continue
        theirs = runs.get(key, defaults.get(key))
        if key in _WHOLE and _unordered(key, ours) != _unordered(key, theirs):
            yield Delta((*at, key), ours, theirs)
        elif key not in _WHOLE:
            yield from _value((*at, key), ours, theirs, ignored)


def _value(
    at: tuple[str | int, ...],
    wanted: Any,  # noqa: ANN401  an object's inside
    runs: Any,  # noqa: ANN401  the same
    ignored: frozenset[str],
) -> Iterator[Delta]:
    if isinstance(wanted, dict) and isinstance(runs, dict):
        defaults = _OF_PORTS if "protocol" in wanted else {}
        if not wanted and runs:
            yield Delta(at, wanted, runs)
        yield from _mapping(at, wanted, runs, defaults, ignored)
    elif isinstance(wanted, list) and isinstance(runs, list):
        yield from _list(at, wanted, runs, ignored)
    elif isinstance(wanted, str) and isinstance(runs, str):
        yield from _text(at, wanted, runs)
    elif wanted != runs:
        yield Delta(at, wanted, runs)


def _text(at: tuple[str | int, ...], wanted: str, runs: str) -> Iterator[Delta]:
    """Yield the first line of a configuration that differs, or the whole of a word."""
    if "\n" not in wanted:
        if wanted != runs:
            yield Delta(at, wanted, runs)
        return
    ours, theirs = _lines(wanted), _lines(runs)
    for number, (one, two) in enumerate(zip_longest(ours, theirs), start=1):
        if one != two:
            yield Delta((*at, f"line {number}"), _word(one), _word(two))
            return


def _lines(text: str) -> list[str]:
    # The first line names the spec that it was rendered from, which may be called anew.
    lines = text.splitlines()
    return ["", *lines[1:]] if text.startswith(OURS) else lines


def _word(line: str | None) -> str | None:
    return line.strip() if line else None


def _list(
    at: tuple[str | int, ...],
    wanted: list[Any],
    runs: list[Any],
    ignored: frozenset[str],
) -> Iterator[Delta]:
    if not all(isinstance(each, dict) for each in (*wanted, *runs)):
        if _sorted(wanted) != _sorted(runs):
            yield Delta(at, wanted, runs)
        return
    ours = {_name(each, index): each for index, each in enumerate(wanted)}
    theirs = {_name(each, index): each for index, each in enumerate(runs)}
    for name, each in ours.items():
        if name in theirs:
            yield from _value((*at, name), each, theirs[name], ignored)
        else:
            yield Delta((*at, name), each, None)
    for name in theirs.keys() - ours.keys():
        yield Delta((*at, name), None, theirs[name])


def _name(item: Mapping[str, Any], index: int) -> str | int:
    name = item.get("name")
    if isinstance(name, str):
        return name
    # An API server lets one port go without a name; KubeLB calls it so.
    if isinstance(item.get("port"), int):
        return f"{item['port']}-{str(item.get('protocol', 'TCP')).lower()}"
    return index


def _unordered(key: str, value: Any) -> Any:  # noqa: ANN401  an object's inside
    if key == "propagatedAnnotations" and isinstance(value, dict):
        # KubeLB takes each value for a list of those that it lets through.
        return {name: sorted(str(each).split(",")) for name, each in value.items()}
    return _sorted(value)


def _sorted(value: Any) -> Any:  # noqa: ANN401  an object's inside
    return sorted(value, key=repr) if isinstance(value, list) else value
