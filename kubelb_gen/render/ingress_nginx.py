"""Helm values of ingress-nginx: whom the edge believes, and its Service.

The chart makes `controller.config` the controller's ConfigMap, all of whose values are
text.  What is off is written too, since Helm merges values files.
"""

from collections.abc import Iterator

from kubelb_gen.model import EdgeKind
from kubelb_gen.plan import EdgePlan, Plan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.metadata import in_order

# realip always has a list; this one holds no proxy.
_NOBODY = "127.0.0.1/32"

Entry = dict[str, str | None]


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each edge that ingress-nginx runs."""
    for each in plan.edges:
        if each.edge.kind is EdgeKind.INGRESS_NGINX:
            yield _values(plan.fleet.name, each)


def _values(spec: str, decided: EdgePlan) -> Draft:
    return Draft(
        path=f"management/edges/{decided.edge.name}.ingress-nginx-values.yaml",
        kind=Kind.INGRESS_NGINX,
        role=Role.FILE,
        cluster=MANAGEMENT,
        template="ingress_nginx/values.yaml.j2",
        context={
            "spec": spec,
            "settings": (
                *_of_proxy_protocol(decided),
                *_of_forwarded_headers(decided),
            ),
            "external_traffic_policy": decided.balancer.policy,
            "service_annotations": in_order(decided.balancer.annotations),
        },
    )


def _of_proxy_protocol(decided: EdgePlan) -> Iterator[Entry]:
    if decided.balancer.sends is None:
        yield _entry("use-proxy-protocol", "false")
        return
    yield _entry(
        "use-proxy-protocol",
        "true",
        "The load balancer names the client in a PROXY header; all traffic breaks if "
        "it does not.",
    )


def _of_forwarded_headers(decided: EdgePlan) -> Iterator[Entry]:
    if not decided.replaces:
        yield _entry(
            "use-forwarded-headers",
            "true",
            "Proxies in front write X-Forwarded-For: it is handed on whole, with the "
            "peer behind it, for the backends to count.",
        )
        yield _entry("compute-full-forwarded-for", "true")
        if decided.balancer.sends is None:
            yield _entry("proxy-real-ip-cidr", _NOBODY)
        return
    if not decided.believes:
        yield _entry(
            "use-forwarded-headers",
            "false",
            "X-Forwarded-For is replaced: what a client wrote ends here.",
        )
        yield _entry("compute-full-forwarded-for", "false")
        return
    yield _entry(
        "use-forwarded-headers",
        "true",
        "The client is the last X-Forwarded-For entry outside these ranges, and takes "
        "the list's place.",
    )
    yield _entry("compute-full-forwarded-for", "false")
    yield _entry("proxy-real-ip-cidr", ",".join(map(str, decided.believes)))


def _entry(key: str, value: str, reason: str | None = None) -> Entry:
    return {"key": key, "value": value, "reason": reason}
