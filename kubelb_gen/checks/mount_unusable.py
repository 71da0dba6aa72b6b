"""A workload cannot mount the configuration there.

What: two configurations are mounted in one folder of one container, or Traefik's is not
in `/etc/traefik`.
Why: a folder has one volume, so that the pods would not start; and Traefik's static
file names its dynamic file by the whole path.

Bad, where both Services select the pods of one Deployment:

    - {name: web, backend: {kind: nginx, workload: {name: app, container: nginx}}}
    - {name: api, backend: {kind: nginx, workload: {name: app, container: nginx}}}

Good:

    - name: api
      backend:
        kind: nginx
        workload: {name: app, container: nginx, mountPath: /etc/nginx/kubelb-gen-api}
"""

from collections.abc import Iterable, Iterator
from posixpath import normpath

from kubelb_gen.checks.evidence import contested
from kubelb_gen.checks.object_name_taken import place
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import BackendKind, Workload
from kubelb_gen.plan import BackendFile, Plan, TenantPlan
from kubelb_gen.plan.workloads import FOLDERS, mount_path

ID = "mount-unusable"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each folder in which a configuration cannot be."""
    shared = suspects(evidence(plan))
    for tenant in plan.tenants:
        owners: dict[str, BackendFile] = {}
        for file, work, folder in _mounted(tenant):
            where = _where(file, work, folder)
            first = owners.setdefault(where, file) if shared else file
            if first is not file:
                yield _finding(
                    tenant,
                    file,
                    f"'{folder}' of container '{work.container}' holds the "
                    f"{first.kind} of '{first.name}' already",
                    "give one of them a mountPath of its own",
                )
            fixed = FOLDERS[BackendKind.TRAEFIK]
            if file.kind is BackendKind.TRAEFIK and normpath(folder) != fixed:
                yield _finding(
                    tenant,
                    file,
                    f"Traefik's static file names a dynamic file in '{fixed}'",
                    f"leave mountPath out, or say {fixed}",
                )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield who is mounted in each folder."""
    for tenant in plan.tenants:
        for file, work, folder in _mounted(tenant):
            where = f"{tenant.tenant.name}/{_where(file, work, folder)}"
            yield ID, where, f"{file.name}/{file.kind}"


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether two are mounted in one folder."""
    return contested(evidence)


def _mounted(tenant: TenantPlan) -> Iterator[tuple[BackendFile, Workload, str]]:
    for file in tenant.backends:
        work = file.workload
        if work is not None and (folder := mount_path(file)) is not None:
            yield file, work, folder


def _where(file: BackendFile, work: Workload, folder: str) -> str:
    parts = (file.namespace, work.kind, work.name, work.container)
    return "/".join((*parts, normpath(folder)))


def _finding(
    tenant: TenantPlan, file: BackendFile, message: str, hint: str
) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"the {file.kind} of '{file.name}' cannot be mounted: {message}",
        at=place(tenant, file),
        hint=hint,
    )
