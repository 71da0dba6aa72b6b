"""Fields are found by names, and order counts where it has a meaning."""

from __future__ import annotations

from typing import Any

import pytest

from kubelb_gen.diff.values import field_changes


def told(old: Any, new: Any) -> list[tuple[str, str, Any, Any]]:  # noqa: ANN401
    """The changes of fields, as plain values."""
    return [tuple(each)[:4] for each in field_changes(old, new)]


def test_items_match_by_their_names_and_not_by_their_places() -> None:
    old = {"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}
    new = {"ports": [{"name": "b", "port": 3}, {"name": "a", "port": 1}]}

    assert [("ports[b].port", "changed", 2, 3)] == told(old, new)


def test_order_has_no_meaning_for_ports_and_has_one_for_filters() -> None:
    def lists(key: str) -> tuple[dict[str, Any], dict[str, Any]]:
        items = [{"name": "a"}, {"name": "b"}]
        return {key: items}, {key: items[::-1]}

    assert [] == told(*lists("ports"))
    assert [("http_filters", "order", ["a", "b"], ["b", "a"])] == told(
        *lists("http_filters")
    )


def test_a_set_of_texts_has_members_and_a_list_has_places() -> None:
    old, new = {"trustedIPs": ["a", "b"]}, {"trustedIPs": ["b", "c"]}

    assert [
        ("trustedIPs[a]", "removed", "a", None),
        ("trustedIPs[c]", "added", None, "c"),
    ] == told(old, new)
    assert [("args[0]", "changed", "a", "c")] == told(
        {"args": ["a", "b"]}, {"args": ["c", "b"]}
    )


def test_a_member_that_stands_twice_in_a_set_is_counted() -> None:
    assert [("cidrs[a (2)]", "removed", "a", None)] == told(
        {"cidrs": ["a", "a"]}, {"cidrs": ["a"]}
    )


@pytest.mark.parametrize(
    ("key", "path"),
    [("plain", "m.plain"), ("a.b/c", 'm["a.b/c"]'), ('q"', 'm["q\\""]')],
)
def test_a_path_is_spelled_so_that_it_can_be_read_back(key: str, path: str) -> None:
    assert [(path, "added", None, 1)] == told({"m": {}}, {"m": {key: 1}})


def test_types_differ_where_a_reader_would_see_another_value() -> None:
    assert [("a", "changed", "1", 1)] == told({"a": "1"}, {"a": 1})
    assert [("a", "changed", True, 1)] == told({"a": True}, {"a": 1})
    assert [("a", "changed", None, {})] == told({"a": None}, {"a": {}})


def test_secrets_that_differ_are_told_and_not_shown() -> None:
    (change,) = field_changes({"token": "one-secret"}, {"token": "another"})

    assert ("token", "changed", "***", "***", True) == tuple(change)


def test_an_item_that_comes_is_no_change_of_order() -> None:
    old, new = [{"name": "a"}, {"name": "c"}], [{"name": "b"}, *[{"name": "a"}]]

    assert [
        ("filters[b]", "added", None, {"name": "b"}),
        ("filters[c]", "removed", {"name": "c"}, None),
    ] == told({"filters": old}, {"filters": new})
