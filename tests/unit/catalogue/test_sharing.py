"""A user's part of an annotation beside ours, in one value."""

from __future__ import annotations

import json

import pytest

from kubelb_gen.catalogue import Sharing, merged

ON, OFF = "proxy_protocol_v2.enabled=true", "proxy_protocol_v2.enabled=false"
FRONT = '{"frontends":[{"name":"main","mode":"tcp"}]}'
UPCLOUD = (
    '{"frontends":[{"name":"main","mode":"tcp"}],"backends":[{"name":"main",'
    '"properties":{"outbound_proxy_protocol":"v2"}}]}'
)


@pytest.mark.parametrize(
    ("own", "ours", "both"),
    [
        ("stickiness.enabled=true", ON, f"stickiness.enabled=true,{ON}"),
        ("stickiness.enabled=true", "", "stickiness.enabled=true"),
        (f"a=b, {ON}", ON, f"a=b,{ON}"),
        ("public", "proxy-protocol", "public,proxy-protocol"),
        ("public", "", "public"),
        (OFF, ON, None),
        (ON, "", None),
        ("public,proxy-protocol", "", None),
        # It decides whether the client's address arrives, as PROXY does.
        ("preserve_client_ip.enabled=false", ON, None),
    ],
)
def test_entries_of_a_list_stand_side_by_side(
    own: str, ours: str, both: str | None
) -> None:
    assert both == merged(Sharing.LIST, own, ours)


def test_what_is_named_alike_in_json_is_joined() -> None:
    own = (
        '{"plan":"production-small","backends":[{"name":"main","properties":'
        '{"timeout_server":20}},{"name":"other"}]}'
    )
    both = merged(Sharing.JSON, own, UPCLOUD)

    assert both is not None
    assert {
        "plan": "production-small",
        "frontends": [{"name": "main", "mode": "tcp"}],
        "backends": [
            {
                "name": "main",
                "properties": {"timeout_server": 20, "outbound_proxy_protocol": "v2"},
            },
            {"name": "other"},
        ],
    } == json.loads(both)


@pytest.mark.parametrize(
    "own",
    [
        "no JSON",
        "[]",
        '{"frontends":[{"name":"main","mode":"http"}]}',
        '{"backends":[{"properties":{}}]}',
        '{"backends":[{"name":"main","properties":{"outbound_proxy_protocol":""}}]}',
    ],
)
def test_json_that_contradicts_is_not_joined(own: str) -> None:
    assert merged(Sharing.JSON, own, UPCLOUD) is None


@pytest.mark.parametrize("sharing", list(Sharing))
def test_joining_twice_changes_nothing(sharing: Sharing) -> None:
    own, ours = ("a=b", ON) if sharing is Sharing.LIST else (FRONT, UPCLOUD)
    once = merged(sharing, own, ours)

    assert once is not None
    if sharing is Sharing.LIST:
        assert once == merged(sharing, own, once)
