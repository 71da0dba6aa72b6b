"""Names that outputs share: resources of KubeLB, labels inside configurations."""

import hashlib
import re
from functools import lru_cache

# NGINX hashes the names of variables into buckets of 64 bytes: 46 characters at most
# (1.31 refuses 47), 6 of which are left to what a template appends.
_LONGEST_LABEL = 40
# A volume of a pod is called by a DNS label.
_LONGEST_VOLUME = 63
_NO_WORD = re.compile("[^A-Za-z0-9]")
_PLAIN_PART = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def label(*parts: str) -> str:
    """Join *parts* into an identifier that NGINX, HAProxy and Envoy all accept.

    Different parts give different labels; only letters, digits and `_` occur.  A long
    one keeps the last parts, which say most, and a hash of all.

    >>> label("primary", "default", "my-tcp-service")
    'kubelb_primary__default__my_tcp_service'
    >>> label("primary", "default", "my-tcp-service", "main")
    'kubelb_my_tcp_service__main_de06dc0f'
    """
    words = [*map(_word, parts)]
    text = f"kubelb_{'__'.join(words)}"
    # "a--b" would read like two parts, and "a-probe" like HAProxy's probe of "a".
    if (
        len(text) <= _LONGEST_LABEL
        and all(map(_is_plain, parts))
        and not text.endswith("_probe")
    ):
        return text
    digest = hashlib.sha256("/".join(parts).encode()).hexdigest()[:8]
    room = _LONGEST_LABEL - len("kubelb__") - len(digest)
    while len(words) > 1 and len("__".join(words)) > room:
        del words[0]
    return f"kubelb_{'__'.join(words)[:room]}_{digest}"


@lru_cache(4096)
def _word(part: str) -> str:
    return _NO_WORD.sub("_", part)


@lru_cache(4096)
def _is_plain(part: str) -> bool:
    return _PLAIN_PART.fullmatch(part) is not None


def volume(config_map: str) -> str:
    """Name the volume of a pod that holds *config_map*: like it, where that is a label.

    >>> volume("web-nginx"), volume("web.v2")
    ('web-nginx', 'web-v2-ce1e9129')
    """
    text = config_map.replace(".", "-")
    if text == config_map and len(text) <= _LONGEST_VOLUME:
        return text
    digest = hashlib.sha256(config_map.encode()).hexdigest()[:8]
    return f"{text[: _LONGEST_VOLUME - len(digest) - 1].rstrip('-')}-{digest}"


def envoy_resource(namespace: str, uid: str, node_port: int, protocol: str) -> str:
    """Name KubeLB's Envoy listener and cluster of a Service port.

    Source: kubelb `internal/kubelb/utils.go`, EnvoyResourceIdentifierPattern.
    """
    return f"{namespace}-{uid}-ep-0-port-{node_port}-{protocol}"


def envoy_route_resource(  # noqa: PLR0913  the pattern has these seven parts
    *,
    namespace: str,
    service_namespace: str,
    service: str,
    route: str,
    uid: str,
    port: int,
    protocol: str,
) -> str:
    """Name KubeLB's Envoy listener and cluster of a route's Service port.

    Source: kubelb `internal/kubelb/utils.go`, EnvoyRoutePortIdentifierPattern.
    """
    return (
        f"tenant-{namespace}-route-{service_namespace}-{service}-{route}"
        f"-svc-{uid}-port-{port}-{protocol}"
    )
