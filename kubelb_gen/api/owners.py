"""What one owner of an estate tells another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.api.loading import sources_of

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet


def export(fleet: Fleet, tenant: str) -> dict[str, Any]:
    """Return the facts about the management cluster that *tenant*'s plan needs.

    It is a document of kind ManagementFacts, as data: `from_data` takes it beside the
    TenantSpec.  Nothing of another tenant is in it.  Raises `UsageError` where there
    is no such tenant.
    """
    from kubelb_gen.handover import facts_for

    return facts_for(fleet, sources_of(fleet), tenant)


def silent_tenants(fleet: Fleet, tenant: str) -> tuple[str, ...]:
    """Name the tenants but *tenant* that are listed, and of which no more is known."""
    from kubelb_gen.handover import silent_tenants

    return silent_tenants(sources_of(fleet), tenant)
