"""The catalogue of load balancers: a line for each, a page for one, JSON for both."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from kubelb_gen.catalogue import Provider, ProxySupport

_INDENT = "  "
_EXAMPLE_PORT = {443: "https"}


def providers_text(providers: Iterable[Provider]) -> str:
    """Return a line for each provider: name, class, what PROXY it sends, title."""
    rows = [(each.name, str(each.kind), _sends(each), each.title) for each in providers]
    wide = [max(len(row[place]) for row in rows) for place in range(3)]
    return "".join(
        "  ".join(
            (
                *(part.ljust(width) for part, width in zip(row, wide, strict=False)),
                row[3],
            )
        )
        + "\n"
        for row in rows
    )


def provider_text(provider: Provider, width: int | None = None) -> str:
    """Return all that the catalogue says of *provider*, wrapped at *width*."""
    shown = [f"{provider.name} ({provider.kind})", provider.title]
    shown += [
        f"{title}:\n" + "\n".join(_lines(texts, width))
        for title, texts in _sections(provider)
        if texts
    ]
    return "\n\n".join(shown) + "\n"


def providers_json(providers: Iterable[Provider]) -> str:
    """Return *providers* as JSON, version 1; the shape is `providers-v1.json`."""
    document = {"version": 1, "providers": [_entry(each) for each in providers]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _sends(provider: Provider) -> str:
    support = provider.proxy
    if support is None:
        return "no PROXY"
    certain = "" if support.certain else "?"
    return f"PROXY {', '.join(support.versions)}{certain} by {_scope(support)}"


def _scope(support: ProxySupport) -> str:
    return {"service": "Service", "ports": "port"}[support.scope]


def _sections(provider: Provider) -> Iterator[tuple[str, list[str]]]:
    yield "Class", [f"{where}: {kind}" for where, kind in _classes(provider).items()]
    yield "PROXY", _proxy(provider.proxy)
    local = provider.local
    works = "works" if local.works else "does not work"
    texts = [f"{works}: {local.why}"]
    if local.since is not None:
        texts.append(f"works from Cilium {'.'.join(map(str, local.since))} on")
    if local.condition is not None:
        texts.append(f"on condition: {local.condition}")
    if not local.with_proxy:
        texts.append(f"not together with PROXY: {local.why_with_proxy}")
    yield "Local (externalTrafficPolicy)", texts
    yield "Cilium DSR", [f"{provider.direct_return}: {provider.direct_return_why}"]
    yield "UDP", ["carried" if provider.udp else "not carried", _mixed(provider)]
    yield "Health checks", list(provider.health_checks)
    always = {**provider.extra_annotations, **local.annotations}
    yield "Annotations besides", [*_annotations(always)]
    yield "Notes", list(provider.notes)
    yield "Unverified", list(provider.unverified)
    yield "Source", [f"{provider.source} ({provider.date})"]


def _classes(provider: Provider) -> dict[str, str]:
    found = {"TCP": str(provider.kind)}
    if provider.kind_udp is not None:
        found["UDP"] = str(provider.kind_udp)
    found |= {str(each): str(kind) for each, kind in provider.kind_by_family.items()}
    return found | {each: str(kind) for each, kind in provider.kind_by_policy.items()}


def _proxy(support: ProxySupport | None) -> list[str]:
    if support is None:
        return ["sends none"]
    texts = [f"by {_scope(support)}"]
    for version in support.versions:
        on = _annotations(support.enable.get(version, {}))
        texts += [f"{version} on: {each}" for each in on]
        if version in support.enable_ports:
            some = _annotations(support.switch_on(version, _EXAMPLE_PORT))
            texts += [f"{version} on for port 443: {each}" for each in some]
    texts += [f"off: {each}" for each in _annotations(support.disable)]
    off = _annotations(support.switch_off(_EXAMPLE_PORT))
    texts += [f"off for port 443: {each}" for each in off]
    notes = (support.enable_note, support.disable_note)
    return [*texts, *(note for note in notes if note is not None)]


def _annotations(annotations: Mapping[str, str]) -> Iterator[str]:
    for key, value in annotations.items():
        yield f"{key}: {json.dumps(value)}"


def _mixed(provider: Provider) -> str:
    can = {True: "can", False: "cannot", None: "not known whether it can"}
    return f"TCP and UDP in one Service: {can[provider.mixed_protocols]}"


def _lines(texts: Iterable[str], width: int | None) -> Iterator[str]:
    for text in texts:
        if width is None:
            yield f"{_INDENT}{text}"
        else:
            yield textwrap.fill(
                text,
                width,
                initial_indent=_INDENT,
                subsequent_indent=_INDENT * 2,
                break_long_words=False,
                break_on_hyphens=False,
            )


def _entry(provider: Provider) -> dict[str, object]:
    support = provider.proxy
    return {
        "name": provider.name,
        "class": provider.kind,
        "source": provider.source,
        "date": provider.date,
        "title": provider.title,
        "classes": _classes(provider),
        "udp": provider.udp,
        "mixedProtocols": provider.mixed_protocols,
        "proxy": None if support is None else _proxy_entry(support),
        "local": {"works": provider.local.works, "why": provider.local.why},
        "dsr": provider.direct_return,
        "ipMode": provider.ip_mode,
        "ipModeWithProxy": provider.ip_mode_with_proxy,
        "healthChecks": list(provider.health_checks),
        "unverified": list(provider.unverified),
        "notes": list(provider.notes),
    }


def _proxy_entry(support: ProxySupport) -> dict[str, object]:
    return {
        "versions": list(support.versions),
        "versionsVerified": support.certain,
        "scope": support.scope,
        "enable": {each: dict(on) for each, on in support.enable.items()},
        "enablePorts": {each: dict(on) for each, on in support.enable_ports.items()},
        "disable": dict(support.disable),
        "disablePorts": dict(support.disable_ports),
    }
