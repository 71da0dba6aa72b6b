"""ClientTrafficPolicies: whom Envoy Gateway believes about the client.

KubeLB's Enterprise Edition carries a tenant's policy into the management cluster; the
Community Edition does not, so that there it is written into the management cluster.
"""

from collections.abc import Iterator

from kubelb_gen.plan import Plan, PolicyPlan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.metadata import metadata


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each Gateway that needs a policy."""
    for tenant in plan.tenants:
        for each in tenant.gateways:
            if each.policy is not None:
                yield _policy(plan.fleet.name, tenant.tenant.name, each.policy)


def _policy(spec: str, tenant: str, policy: PolicyPlan) -> Draft:
    in_tenant = f"tenants/{tenant}/{policy.namespace}/{policy.gateway}"
    stem = f"management/tenants/{tenant}" if policy.in_management else in_tenant
    return Draft(
        path=f"{stem}.clienttrafficpolicy.yaml",
        kind=Kind.CLIENT_TRAFFIC_POLICY,
        role=Role.APPLY,
        cluster=MANAGEMENT if policy.in_management else tenant,
        template="kubernetes/client_traffic_policy.yaml.j2",
        context=metadata(spec=spec, name=policy.name, namespace=policy.namespace)
        | {
            "gateway": policy.gateway,
            "proxy_optional": policy.proxy_optional,
            "proxy_protocol": policy.proxy_field == "proxyProtocol",
            "enable_proxy_protocol": policy.proxy_field == "enableProxyProtocol",
            "trusted_cidrs": tuple(str(each) for each in policy.trusted_cidrs),
            "trusted_hops": policy.trusted_hops,
        },
    )
