"""Every setting of a backend crossed with every kind: rendered, or refused and why."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.api import check, from_data, render
from kubelb_gen.errors import InvalidSpecError
from tests.support.wishes import document, gateway, service
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from kubelb_gen.artifacts import Artifacts
    from tests.support.wishes import Data

KINDS: dict[str, Data] = {
    f"{kind}-{mode}" if mode else kind: {"kind": kind}
    | ({"mode": mode} if mode else {})
    for kind, mode in (
        ("nginx", "http"),
        ("nginx", "stream"),
        ("haproxy", "http"),
        ("haproxy", "tcp"),
        ("envoy", "http"),
        ("envoy", "tcp"),
        ("traefik", None),
        ("caddy", None),
        ("apache", None),
    )
}
EMITS = (None, "fragment", "complete", "none")
TLS: Data = {"certificate": "/tls/tls.crt", "key": "/tls/tls.key"}
# What no version of the program can do; everything else is rendered.
CANNOT_SEND = {
    *(("nginx-http", version) for version in ("v1", "v2")),
    *product(("traefik", "apache"), ("v1", "v2")),
}
WHOLE = {"envoy-http", "envoy-tcp", "traefik", "caddy"}


def _spec(backend: Data, *, layer7: bool = False) -> Data:
    backend = {"upstream": "127.0.0.1:3000", **backend}
    if layer7:
        backend.pop("mode", None)
        return document(tenant={"gateways": [gateway({**backend, "listen": 8080})]})
    return document(tenant={"services": [service({"backend": backend})]})


def _rendered(data: Data) -> tuple[list[str], Artifacts | None]:
    """The ids of errors, or what was rendered: never both, never neither."""
    fleet = from_data(data)
    errors = [each.id for each in check(fleet).errors]
    return errors, None if errors else render(fleet)


def _texts(artifacts: Artifacts) -> list[str]:
    return [
        each.text for path, each in artifacts.items() if path.startswith("backends/")
    ]


@pytest.mark.parametrize("emit", EMITS)
@pytest.mark.parametrize("version", ["none", "v1", "v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_header_to_the_program_behind(
    kind: str, version: str, emit: str | None
) -> None:
    backend = KINDS[kind] | ({} if emit is None else {"emit": emit})
    if (kind, version) == ("nginx-stream", "v2"):
        with pytest.raises(InvalidSpecError, match="upstreamProxyProtocol"):
            _rendered(_spec({**backend, "upstreamProxyProtocol": version}))
        return
    errors, plain = _rendered(_spec(backend))
    told, artifacts = _rendered(_spec({**backend, "upstreamProxyProtocol": version}))

    assert (
        ["fragment-unsupported"] if emit == "fragment" and kind in WHOLE else []
    ) == (errors)
    refused = emit != "none" and (kind, version) in CANNOT_SEND
    assert [*errors, *(["upstream-proxy-unsupported"] if refused else [])] == sorted(
        told
    )
    if artifacts is not None and plain is not None:
        changes = version != "none" and emit != "none"
        assert changes == (_texts(artifacts) != _texts(plain))


@pytest.mark.parametrize("layer7", [False, True])
@pytest.mark.parametrize("emit", EMITS)
@pytest.mark.parametrize("kind", KINDS)
def test_tls(kind: str, emit: str | None, *, layer7: bool) -> None:
    backend = KINDS[kind] | ({} if emit is None else {"emit": emit})
    backend |= {"tls": TLS}
    fields = {"protocol": "HTTPS"} if layer7 else {}
    errors, artifacts = _rendered(_spec(backend | fields, layer7=layer7))

    if artifacts is None:
        assert set(errors) <= {
            "fragment-unsupported",
            "not-written-yet",
            "client-ip-lost",  # TLS behind a route passes as bytes
        }
    elif emit == "none":
        assert [] == _texts(artifacts)
    else:
        assert any(TLS["certificate"] in text for text in _texts(artifacts))


@pytest.mark.parametrize("emit", EMITS)
@pytest.mark.parametrize("layer7", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_config_map_of_another_name(
    kind: str, emit: str | None, *, layer7: bool
) -> None:
    backend = KINDS[kind] | ({} if emit is None else {"emit": emit})
    backend |= {"configMap": {"name": "mine", "key": "my.conf"}}
    errors, artifacts = _rendered(_spec(backend, layer7=layer7))

    if artifacts is None:
        assert ["fragment-unsupported"] == errors
        return
    maps = [
        read_one(each.text)
        for path, each in artifacts.items()
        if path.endswith(".configmap.yaml")
    ]
    assert (emit != "none") == bool(maps)
    for each in maps:
        assert "mine" == each["metadata"]["name"]
        assert "my.conf" in each["data"]
        assert set(each["data"].values()) == set(_texts(artifacts))
