from __future__ import annotations

from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.tenant import drafts
from tests.support.objects import object_of, plan


def test_patch_names_the_tenant_as_kubelb_does() -> None:
    (draft,) = drafts(plan(propagated={"z/b": "", "a/b": "false,true"}, tenant="00"))

    assert "management/tenants/00.annotations.yaml" == draft.path
    assert (Kind.TENANT_ANNOTATIONS, Role.APPLY) == (draft.kind, draft.role)
    assert "management" == draft.cluster
    assert {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "Tenant",
        # Cluster-wide, and without the prefix of the namespace (RemoveTenantPrefix).
        "metadata": {"name": "00"},
        "spec": {"propagatedAnnotations": {"a/b": "false,true", "z/b": ""}},
    } == object_of(draft)


def test_tenant_whose_annotations_arrive_needs_no_patch() -> None:
    assert [] == list(drafts(plan(propagated=None)))
