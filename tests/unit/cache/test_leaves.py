"""Which files are leaves: nothing that they say is used by another one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubelb_gen.cache.leaves import File, digest_of, divide
from kubelb_gen.document import Source, parse
from tests.support.leaves import ITSELF, document, leaf, service

Data = dict[str, Any]
ONE, TWO = service("one", 30001), service("two", 30002)
NAMED = {"name": "primary", "services": [TWO]}
GATEWAY = {"name": "g", "namespace": "d", "backends": []}
LABELS = {"metadata": {"name": "fleet", "labels": {"a": "b"}}}


def said(*tenants: Data, kind: str = "ClientIPSpec", **more: Any) -> Data:  # noqa: ANN401
    return document({"tenants": [*tenants]} | more, kind)


def leaves(*files: str) -> list[int]:
    """Which of *files*, by their places, are leaves."""
    given = [Source(f"{number}", text) for number, text in enumerate(files)]
    division = divide([File(each, digest_of(each), None, parse) for each in given])
    names = {each.source.name for each in division.leaves}
    assert [*map(str, range(len(files)))] == sorted(
        each.source.name for each in (*division.leaves, *division.context)
    )
    return sorted(map(int, names))


ALONE: dict[str, tuple[Data, bool]] = {
    "services of a tenant": (leaf(ONE), True),
    "of two tenants": (said(NAMED, NAMED | {"name": "other"}), True),
    "a tenant with all its fields": (said(ITSELF | NAMED), True),
    "a tenant of its owner's": (said(ITSELF | NAMED, kind="TenantSpec"), True),
    "with defaults for the document": (leaf(ONE, defaults={}), True),
    "with defaults for the tenant": (said(NAMED | {"defaults": {}}), True),
    "with Gateways": (said(NAMED | {"gateways": [GATEWAY]}), False),
    "with Ingresses": (said(NAMED | {"ingresses": [GATEWAY]}), False),
    "with an empty list of Gateways": (said(NAMED | {"gateways": []}), False),
    "profiles": (leaf(ONE, profiles={}), False),
    "sets of ranges": (leaf(ONE, cidrSets={}), False),
    "what is accepted": (leaf(ONE, suppress=[]), False),
    "KubeLB": (leaf(ONE, kubelb={}), False),
    "the management cluster": (leaf(ONE, management={}), False),
    "labels for all": (leaf(ONE) | LABELS, False),
    "the list of its tenants": (said({"name": "a"}, kind="ManagementSpec"), False),
    "facts": (said({"name": "a"}, kind="ManagementFacts"), False),
    "no spec": ({"apiVersion": "v1", "kind": "ClientIPSpec"}, False),
    "a spec that is none": (document([]), False),  # type: ignore[arg-type]
    "nothing that we know": (said(kind="Deployment"), False),
}


@pytest.mark.parametrize("what", ALONE)
def test_a_file_alone(what: str) -> None:
    data, is_leaf = ALONE[what]

    assert ([0] if is_leaf else []) == leaves(json.dumps(data))


TOGETHER: dict[str, tuple[list[Data], list[int]]] = {
    "services of one tenant": ([leaf(ONE), leaf(TWO)], [0, 1]),
    "services of it, and its fields": ([said(ITSELF), leaf(ONE), leaf(TWO)], [1, 2]),
    "its fields among its services": ([said(ITSELF | NAMED), leaf(ONE)], [1]),
    "fields of one, services of another": (
        [said(ITSELF), leaf(ONE, tenant="other")],
        [0, 1],
    ),
    "its owner's file, and the list": (
        [
            said({"name": "primary", "loadBalancer": "a"}, kind="ManagementSpec"),
            said(ITSELF | NAMED, kind="TenantSpec"),
        ],
        [1],
    ),
    "two files of its owner's": (
        [said(ITSELF | NAMED, kind="TenantSpec"), said(NAMED, kind="TenantSpec")],
        [1],
    ),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_files_together(what: str) -> None:
    files, expected = TOGETHER[what]

    assert expected == leaves(*map(json.dumps, files))


@pytest.mark.parametrize("text", ["", "# nothing\n", "[", "7\n", "- a\n"])
def test_what_holds_no_document_is_no_leaf(text: str) -> None:
    assert [] == leaves(text)


def test_what_others_have_in_the_folder_is_no_part_of_it() -> None:
    base, own = json.dumps(said(ITSELF)), json.dumps(leaf(ONE))
    foreign = json.dumps({"apiVersion": "v1", "kind": "ConfigMap"})

    def division(*texts: str, explicit: bool = False) -> tuple[int, str]:
        given = [Source("a", each, explicit=explicit) for each in texts]
        found = divide([File(each, digest_of(each), None, parse) for each in given])
        return len(found.context) + len(found.leaves), found.digest

    assert division(base, own) == division(base, own, foreign, "# nothing\n")
    # Who names it is told that it is none of ours.
    assert (3, 3) == (
        division(base, own, foreign, explicit=True)[0],
        division(base, own, "apiVersion: kubelb-gen/v1alpha1\nkind: [")[0],
    )


def test_of_several_documents_each_has_to_be_one() -> None:
    first, other = map(json.dumps, (leaf(ONE), leaf(TWO, tenant="b")))
    profiles = json.dumps(document({"profiles": {}}))

    assert [0] == leaves(f"{first}\n---\n{other}")
    assert [] == leaves(f"{first}\n---\n{profiles}")


def test_a_file_that_was_named_is_another_than_one_that_was_found() -> None:
    # Of one that was found, documents of others are passed over.
    foreign = json.dumps({"apiVersion": "v1", "kind": "ConfigMap"})
    text = f"{json.dumps(leaf(ONE))}\n---\n{foreign}"
    named, found = (Source("a", text, explicit=each) for each in (True, False))

    assert digest_of(named) != digest_of(found)


def test_each_text_of_the_context_counts() -> None:
    texts = [json.dumps(said(ITSELF)), json.dumps(leaf(ONE))]
    more = json.dumps(document({"profiles": {}}))

    def digest(*given: str) -> str:
        sources = [Source(f"{n}", text) for n, text in enumerate(given)]
        return divide(
            [File(each, digest_of(each), None, parse) for each in sources]
        ).digest

    first = digest(texts[0], texts[1])
    assert first == digest(texts[0], json.dumps(leaf(TWO)))
    assert first != digest(f"{texts[0]}\n", texts[1])
    assert first != digest(texts[0], texts[1], more)
