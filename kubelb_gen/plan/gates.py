"""From which release on a program on the path does a thing.

KubeLB: releases and source between v1.3.0 and v1.4.3.  Envoy Gateway: API types of
the tags v0.6 to v1.9.0.
"""

from kubelb_gen.model import Version

# `kubelb.k8c.io/proxy-protocol` and the copy of `externalTrafficPolicy`; before it
# both are ignored without a word.
KUBELB_PROXY_PROTOCOL = Version(1, 3, 2)
# KubeLB's Envoy speaks HTTP for routes and appends to X-Forwarded-For.
KUBELB_HTTP_ROUTES = Version(1, 3, 0)
# `sessionAffinity: ClientIP` becomes Maglev on the source address.
KUBELB_PERSISTENCE = Version(1, 5, 0)
# `kubelb.k8c.io/health-check-*`, in the Enterprise Edition.
KUBELB_HEALTH_CHECKS = Version(1, 5, 0)
# KubeLB's Envoy takes headers as large as any edge does.
KUBELB_HEADER_LIMITS = Version(1, 5, 0)
# What KubeLB's addons ship, where the spec names no release.
ENVOY_GATEWAY_BASELINE = Version(1, 7, 2)
ENVOY_GATEWAY_PROXY_PROTOCOL = Version(1, 5, 0)
ENVOY_GATEWAY_TRUSTED_CIDRS = Version(1, 3, 0)
