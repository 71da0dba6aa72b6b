"""The catalogue itself: `providers.json`, read once and only when somebody asks.

Its shape is a promise that the tests keep; nothing here checks it again.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kubelb_gen.catalogue.provider import (
    DirectReturn,
    IPFamily,
    LoadBalancerClass,
    LocalSupport,
    Provider,
)
from kubelb_gen.catalogue.proxy import ProxyScope, ProxySupport, ProxyVersion
from kubelb_gen.catalogue.sharing import Sharing

Entry = Mapping[str, Any]


@cache
def provider(name: str) -> Provider:
    """Look up a load balancer by its name; KeyError when there is none.

    >>> provider("hetzner").kind.value
    'proxying'
    """
    return _provider(_entries()[name])


def provider_names() -> tuple[str, ...]:
    """Name every load balancer of the catalogue, in its order."""
    return tuple(_entries())


@cache
def _entries() -> dict[str, Entry]:
    text = Path(__file__).with_name("providers.json").read_text(encoding="utf-8")
    return {entry["name"]: entry for entry in json.loads(text)["providers"]}


def _provider(entry: Entry) -> Provider:
    return Provider(
        name=entry["name"],
        title=entry["title"],
        kind=LoadBalancerClass(entry["class"]),
        kind_udp=LoadBalancerClass(entry["classUDP"]) if "classUDP" in entry else None,
        kind_by_family={
            IPFamily(family): LoadBalancerClass(kind)
            for family, kind in entry.get("classByFamily", {}).items()
        },
        kind_by_policy={
            policy: LoadBalancerClass(kind)
            for policy, kind in entry.get("classByPolicy", {}).items()
        },
        udp=entry["udp"],
        mixed_protocols=entry["mixedProtocols"],
        proxy=None if entry["proxy"] is None else _proxy(entry["proxy"]),
        local=_local(entry["local"]),
        direct_return=DirectReturn(entry["dsr"]["verdict"]),
        direct_return_why=entry["dsr"]["why"],
        health_checks=tuple(entry["healthChecks"]),
        extra_annotations=entry["extraAnnotations"],
        ip_mode=entry["ipMode"],
        ip_mode_with_proxy=entry["ipModeWithProxy"],
        source=entry["source"],
        date=entry["date"],
        unverified=tuple(entry["unverified"]),
        notes=tuple(entry["notes"]),
    )


def _proxy(entry: Entry) -> ProxySupport:
    return ProxySupport(
        versions=tuple(ProxyVersion(version) for version in entry["versions"]),
        certain=entry["versionsVerified"],
        scope=ProxyScope(entry["scope"]),
        enable=_by_version(entry["enable"]),
        enable_ports=_by_version(entry.get("enablePorts", {})),
        enable_note=entry.get("enableNote"),
        disable=entry["disable"],
        disable_ports=entry.get("disablePorts", {}),
        disable_note=entry.get("disableNote"),
        shared={
            key: Sharing(sharing) for key, sharing in entry.get("shared", {}).items()
        },
    )


def _by_version(
    annotations: Mapping[str, Mapping[str, str]],
) -> dict[ProxyVersion, Mapping[str, str]]:
    return {ProxyVersion(version): each for version, each in annotations.items()}


def _local(entry: Entry) -> LocalSupport:
    return LocalSupport(
        # "by-version" promises nothing while the version is not known.
        works=entry["works"] is True,
        why=entry["why"],
        since=_version(entry["since"]) if "since" in entry else None,
        with_proxy=entry.get("withProxy", True),
        why_with_proxy=entry.get("whyWithProxy"),
        condition=entry.get("condition"),
        annotations=entry.get("annotations", {}),
    )


def _version(text: str) -> tuple[int, int, int]:
    major, minor, patch = text.split(".")
    return int(major), int(minor), int(patch)
