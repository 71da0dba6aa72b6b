"""The backend programs of a plan, at layer 4 and behind routes.

Rules about what a program can do read this walk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.model import Backend, Protocol
from kubelb_gen.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One backend where it serves; *says* is how kind `other` tells what it reads."""

    subject: str
    backend: Backend
    protocol: Protocol
    says: str
    at: DataPath | None
    behind_ingress: bool = False


def programs(plan: Plan) -> Iterator[Program]:
    """Yield the program of each port and of each route that has one."""
    for tenant in plan.tenants:
        for service in tenant.services:
            for each in service.ports:
                if each.port.backend is not None:
                    yield Program(
                        subject=f"the backend of port {each.port.port}/"
                        f"{each.port.protocol} of service '{service.service.name}'",
                        backend=each.port.backend,
                        protocol=each.port.protocol,
                        says="proxyProtocol",
                        at=each.port.at,
                    )
        for gateway in tenant.gateways:
            for route in gateway.routes:
                yield Program(
                    subject=f"backend '{route.backend.name}' of "
                    f"'{gateway.gateway.name}'",
                    backend=route.backend.backend,
                    protocol=Protocol.TCP,
                    says="what it reads",
                    at=route.backend.at,
                    behind_ingress=gateway.gateway.is_ingress,
                )
