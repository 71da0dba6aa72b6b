"""What is masked, and what must not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubelb_gen.diff.secrets import masked, masked_lines, masked_text

EXAMPLES = Path(__file__).parents[3] / "examples"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.mark.parametrize(
    "line",
    [
        'password: "SECRET"',
        "  example.com/api-token: SECRET",
        "annotations: {db-password: SECRET, b: c}",
        "    - {name: x, secretKey: SECRET}",
        'value: "{\\"password\\": \\"SECRET\\"}"',
        "accessKey = SECRET",
        "proxy_set_header Authorization: SECRET;",
        "url: https://user:SECRET@example.com/x",
        "x: Bearer SECRET-SECRET",
    ],
)
def test_a_value_is_masked_by_the_key_before_it(line: str) -> None:
    assert "SECRET" not in masked_text(line)
    assert "***" in masked_text(line)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
        "glpat-0123456789abcdefghij",
        "xoxb-0123456789-abcdefghij",
        JWT,
        "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "c2VjcmV0LXRva2VuLTEyMzQ1Njc4OTA=",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
    ],
)
def test_a_value_is_masked_by_its_form(secret: str) -> None:
    assert secret not in masked_text(f'  example.com/word: "{secret}" # and more')
    assert secret not in str(masked(secret, "example.com/word"))


@pytest.mark.parametrize(
    "line",
    [
        "secretName: tls-of-the-shop",
        "key: /etc/tls/tls.key",
        "kubelb.k8c.io/proxy-protocol: v2",
        "token: ''",
        "useSecret: true",
        f"kubelb-gen/config-sha256: {'9f86d081' * 8}",
        "uid: 4a9f0e8e-8d0c-4b1e-9a58-0d3c6c1f2e3d",
        'name: "tenant-primary-route-default-web-svc-uid-default-web-port-80-TCP"',
        '"@type": "type.googleapis.com/envoy.v3.ProxyProtocolUpstreamTransport"',
    ],
)
def test_names_places_and_digests_are_shown(line: str) -> None:
    assert line == masked_text(line)


def test_nothing_of_what_the_examples_render_to_looks_like_a_secret() -> None:
    for path in EXAMPLES.glob("*/rendered/**/*.*"):
        lines = path.read_text("utf-8").splitlines(keepends=True)

        assert lines == [*masked_lines(lines)]


def test_a_private_key_is_masked_line_by_line() -> None:
    lines = [
        "key: |\n",
        "  -----BEGIN PRIVATE KEY-----\n",
        "  abc\n",
        "  -----END PRIVATE KEY-----\n",
        "next: shown\n",
    ]
    shown = [*masked_lines(lines)]

    assert ["key: |\n", "  ***\n", "  ***\n", "  ***\n", "next: shown\n"] == shown


def test_a_text_of_many_lines_under_a_secret_key_is_masked_to_its_end() -> None:
    lines = ["password: |\n", "  one\n", "\n", "  two\n", "b: c\n"]

    assert ["password: |\n", "  ***\n", "\n", "  ***\n", "b: c\n"] == [
        *masked_lines(lines)
    ]


def test_values_are_masked_at_any_depth() -> None:
    value = {"a": [{"password": "x", "b": 1}], "token": {"value": "y"}}

    assert {
        "a": [{"password": "***", "b": 1}],
        "token": {"value": "***"},
    } == masked(value)
