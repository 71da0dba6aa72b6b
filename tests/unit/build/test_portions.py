"""Which tenants go into one portion."""

from __future__ import annotations

from typing import Any

import pytest

from kubelb_gen.build.portions import cut, portions_of, services_of
from kubelb_gen.diagnostics import DataPath
from kubelb_gen.document import Document


def document(spec: Any) -> Document:  # noqa: ANN401  right or wrong
    return Document(DataPath("spec.yaml"), {"spec": spec})


SPLITS = [
    ({"a": 5, "b": 5, "c": 5, "d": 5}, 2, ["ab", "cd"]),
    ({"a": 1, "b": 1, "c": 9}, 2, ["ab", "c"]),
    ({"a": 9, "b": 1, "c": 1}, 3, ["a", "bc"]),
    ({"a": 0, "b": 0}, 2, ["ab"]),
    ({"a": 7}, 2, ["a"]),
]


@pytest.mark.parametrize(("counts", "number", "expected"), SPLITS)
def test_portions_have_about_as_many_services(
    counts: dict[str, int], number: int, expected: list[str]
) -> None:
    assert expected == ["".join(sorted(each)) for each in portions_of(counts, number)]


def test_services_are_counted_over_all_documents() -> None:
    documents = [
        document({"tenants": [{"name": "b", "services": [{}, {}]}, {"name": "a"}]}),
        document({"tenants": [{"name": "b", "services": [{}]}]}),
        document({}),
    ]

    assert {"a": 0, "b": 3} == services_of(documents)


@pytest.mark.parametrize(
    "spec",
    [
        None,
        [],
        {"tenants": None},
        {"tenants": ["a"]},
        {"tenants": [{}]},
        {"tenants": [{"name": []}]},
        {"tenants": [{"name": "a"}, {"name": 1}]},
        {"tenants": [{"name": "a", "services": None}]},
    ],
)
def test_what_is_wrong_is_not_counted(spec: object) -> None:
    assert services_of([document(spec)]) is None


def test_a_cut_document_lacks_the_services_of_others_and_nothing_else() -> None:
    tenants = [
        {"name": "a", "services": [{"name": "web"}]},
        {"name": "b", "services": [{"name": "web"}], "gateways": [{}]},
        {"name": "c", "nodes": ["10.0.0.1"]},
    ]
    whole = document({"kubelb": {}, "tenants": tenants})

    part = cut(whole, {"a"})

    assert part.at == whole.at
    assert part.data["spec"] == {
        "kubelb": {},
        "tenants": [
            tenants[0],
            {"name": "b", "services": [], "gateways": [{}]},
            tenants[2],
        ],
    }
