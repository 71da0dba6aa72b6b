from __future__ import annotations

from dataclasses import replace

from kubelb_gen.model import BackendKind, ConfigMapKey
from kubelb_gen.render.config_map import checksum, drafts
from kubelb_gen.render.draft import Kind, Role
from tests.support.estates import backend_file
from tests.support.objects import object_of, text_of

MAIN = "backends/primary/default/web.nginx.conf"
PROBE = "backends/primary/default/web.nginx-probe.conf"
FILES = {MAIN: "# main\nserver {\n    listen 80;\n}\n", PROBE: "# probe\n"}
BACKEND = backend_file(BackendKind.NGINX)


def test_config_map_holds_the_texts_of_the_backend() -> None:
    (draft,) = drafts("acme", [(BACKEND, FILES)])
    read = object_of(draft)
    digest = read["metadata"]["annotations"].pop("kubelb-gen/config-sha256")

    assert "tenants/primary/default/web.nginx.configmap.yaml" == draft.path
    assert (Kind.CONFIG_MAP, Role.APPLY) == (draft.kind, draft.role)
    assert "primary" == draft.cluster
    assert 64 == len(digest)
    assert {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "web-nginx", "namespace": "default", "annotations": {}},
        "data": {"nginx.conf": FILES[MAIN], "nginx-probe.conf": FILES[PROBE]},
    } == read


def test_text_stands_as_a_literal_block_for_the_reviewer() -> None:
    (draft,) = drafts("acme", [(BACKEND, {MAIN: FILES[MAIN]})])

    assert text_of(draft).endswith(
        "data:\n  nginx.conf: |\n    # main\n    server {\n        listen 80;\n    }\n"
    )


def test_owner_may_name_the_map_and_the_key_of_the_main_file() -> None:
    named = replace(BACKEND, config_map=ConfigMapKey(name="edge", key="default.conf"))

    (draft,) = drafts("acme", [(named, FILES)])

    read = object_of(draft)
    assert "edge" == read["metadata"]["name"]
    assert {"default.conf": FILES[MAIN], "nginx-probe.conf": FILES[PROBE]} == read[
        "data"
    ]


def test_backend_that_is_called_like_its_program_keeps_its_key() -> None:
    backend = backend_file(BackendKind.HAPROXY, name="haproxy")
    path = "backends/primary/default/haproxy.haproxy.cfg"

    (draft,) = drafts("acme", [(backend, {path: "a\n"})])

    assert {"haproxy.cfg": "a\n"} == object_of(draft)["data"]


def test_backend_without_files_has_no_config_map() -> None:
    assert [] == list(drafts("acme", [(BACKEND, {})]))


def test_checksum_follows_keys_and_texts_and_not_their_order() -> None:
    texts = {"a": "1", "b": "2"}

    assert checksum(texts) == checksum(dict(reversed(texts.items())))
    others = ({"a": "1", "b": "3"}, {"a": "1", "c": "2"}, {"a": "1b2"}, {"a": "1"})
    assert 5 == len({checksum(each) for each in (texts, *others)})
