"""Annotations that hold more than PROXY: the user's part and ours in one value.

AWS and IBM take a list with commas, UpCloud takes JSON.  What decides about the
client's address stays the plan's to write.
"""

import json
from enum import StrEnum
from typing import Any

_OF_THE_PLAN = (
    "preserve_client_ip.enabled",
    "proxy_protocol_v2.enabled",
    "proxy-protocol",
)
_OF_THE_PLAN_IN_JSON = '"outbound_proxy_protocol"'


class Sharing(StrEnum):
    """What the value of a shared annotation is."""

    LIST = "list"
    JSON = "json"


def merged(sharing: Sharing, own: str, ours: str) -> str | None:
    """Return the user's *own* value with *ours* in it, None where they contradict.

    >>> merged(Sharing.LIST, "public", "proxy-protocol")
    'public,proxy-protocol'
    """
    return _list(own, ours) if sharing is Sharing.LIST else _json(own, ours)


def _list(own: str, ours: str) -> str | None:
    theirs, added = _entries(own), _entries(ours)
    for each in theirs:
        if each.partition("=")[0] in _OF_THE_PLAN and each not in added:
            return None
    return ",".join(dict.fromkeys((*theirs, *added)))


def _entries(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _json(own: str, ours: str) -> str | None:
    if _OF_THE_PLAN_IN_JSON in own:
        return None
    try:
        both = _joined(json.loads(own), json.loads(ours or "{}"))
    except ValueError:
        return None
    return json.dumps(both, separators=(",", ":"), ensure_ascii=False)


def _joined(own: Any, ours: Any) -> Any:  # noqa: ANN401  it is JSON
    if isinstance(own, dict) and isinstance(ours, dict):
        keys = dict.fromkeys((*own, *ours))
        return {
            key: _joined(own[key], ours[key])
            if key in own and key in ours
            else own.get(key, ours.get(key))
            for key in keys
        }
    if isinstance(own, list) and isinstance(ours, list):
        return _joined_by_name(own, ours)
    if own != ours:
        message = f"{own!r} is not {ours!r}"
        raise ValueError(message)
    return own


def _joined_by_name(own: list[Any], ours: list[Any]) -> list[Any]:
    named = {each["name"]: each for each in own if _has_name(each)}
    if len(named) != len(own) or not all(map(_has_name, ours)):
        message = "the items of a list have no names"
        raise ValueError(message)
    for each in ours:
        name = each["name"]
        named[name] = _joined(named[name], each) if name in named else each
    return list(named.values())


def _has_name(item: Any) -> bool:  # noqa: ANN401  it is JSON
    return isinstance(item, dict) and isinstance(item.get("name"), str)
