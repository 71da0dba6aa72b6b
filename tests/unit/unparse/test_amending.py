"""A spec is changed in the words of its author, or written anew."""

from __future__ import annotations

import pytest

import kubelb_gen
from kubelb_gen.document.editing import edited
from tests.support.wishes import NGINX, document, service

TEXT = """\
# the estate
apiVersion: kubelb-gen/v1alpha1  # the only one
kind: ClientIPSpec
"""


def test_all_but_the_change_stays_as_it_was_written() -> None:
    changed = edited(TEXT, lambda data: data.update(kind="TenantSpec"))

    assert TEXT.replace("ClientIPSpec", "TenantSpec") == changed


@pytest.mark.parametrize(
    "text", ["a:   1\n", "a: 1", "{a: 1,b: 2}\n", "a: [\n", "- {a: 'x'\n   }\n"]
)
def test_what_cannot_be_written_back_as_it_is_is_left_alone(text: str) -> None:
    assert edited(text, lambda data: data.update(a=2)) is None


def test_a_spec_of_data_has_no_words_to_keep() -> None:
    bare = {"proxyProtocol": "none", "clientIP": "preferred", "because": "a test"}
    one, other = (
        kubelb_gen.from_data(
            document(tenant={"services": [service({"backend": NGINX}, **more)]})
        )
        for more in (bare, {})
    )
    first = kubelb_gen.rollout(one, other).steps[0]

    assert first.spec.splitlines()[1] == "apiVersion: kubelb-gen/v1alpha1"
