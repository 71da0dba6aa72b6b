"""Where the pods of a backend find its files: the folders of the programs' images.

Sources: the official images of NGINX, HAProxy, Envoy, Traefik, Caddy and Apache httpd.
The first and the last include a fragment from a folder of ours.
"""

from kubelb_gen.model import BackendKind
from kubelb_gen.plan.facts import BackendFile

FOLDERS = {
    BackendKind.NGINX: "/etc/nginx/kubelb-gen",
    BackendKind.HAPROXY: "/usr/local/etc/haproxy",
    BackendKind.ENVOY: "/etc/envoy",
    BackendKind.TRAEFIK: "/etc/traefik",
    BackendKind.CADDY: "/etc/caddy",
    BackendKind.APACHE: "/usr/local/apache2/conf/kubelb-gen",
}


def mount_path(backend: BackendFile) -> str | None:
    """Return the folder that the files of *backend* are mounted in, if they are."""
    if backend.workload is None:
        return None
    return backend.workload.mount_path or FOLDERS[backend.kind]
