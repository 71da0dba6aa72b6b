"""A ResourceList comes back with our objects in it, and with nothing else changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

import kubelb_gen
from kubelb_gen.errors import LoadError
from tests.support import specs
from tests.support.functions import (
    CLUSTER,
    INDEX,
    LOCAL,
    OWNER,
    PATH,
    annotated,
    answer,
    items,
    read,
    resource_list,
    results,
)

if TYPE_CHECKING:
    from pathlib import Path

if TYPE_CHECKING:
    from pathlib import Path

SPEC = specs.service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")
LOCAL_SPEC = annotated(SPEC, {LOCAL: "true", PATH: "specs/acme.yaml", INDEX: "2"})
SEVERAL = specs.tenants("team-a", "team-b")
FOREIGN = """\
apiVersion: apps/v1
kind: Deployment # of another team
metadata:
  name: web
  annotations:
    internal.config.kubernetes.io/path: 'web.yaml'
spec:
  # how many
  replicas: 0x10
  template: {hosts: ["*.example.com"], on: yes, text: "a\\
    b"}
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: "
UNKNOWN_SETTING = CONFIG_MAP + "{clusters: a}\n"
MISTYPED = SPEC.replace("kind: nginx", "kind: nginxx")


def names(text: str) -> list[tuple[str, str]]:
    return [(each["kind"], each["metadata"]["name"]) for each in items(text)]


def said(text: str) -> list[tuple[str, str]]:
    return [(each["severity"], each["tags"]["id"]) for each in results(text)]


@pytest.mark.parametrize(
    "given",
    [
        resource_list(FOREIGN, config=SPEC),
        resource_list(FOREIGN, LOCAL_SPEC),
        json.dumps(read(resource_list(FOREIGN, config=SPEC))),
        json.dumps(read(resource_list(FOREIGN, LOCAL_SPEC)), indent=2),
        resource_list(FOREIGN, config=SPEC).replace("\n", "\r\n"),
        f"---\n{resource_list(FOREIGN, config=SPEC)}...\n",
    ],
    ids=["config", "item", "json", "indented json", "windows", "document marks"],
)
def test_the_objects_of_a_spec_join_the_items(given: str) -> None:
    done = answer(given)
    ours = [("ConfigMap", "web-nginx"), ("Service", "web")]

    assert () == done.errors
    assert ours == names(done.text)[-2:]
    assert items(given) == items(done.text)[:-2]
    assert read(given).get("functionConfig") == read(done.text).get("functionConfig")


def test_an_added_object_is_the_rendered_one_with_its_owner_and_a_file() -> None:
    fleet = kubelb_gen.from_data(yaml.safe_load(SPEC))
    rendered = kubelb_gen.render(fleet)["tenants/primary/default/web.service.yaml"]
    expected = yaml.safe_load(rendered.text)
    expected["metadata"]["annotations"] |= {
        OWNER: "acme/primary",
        PATH: rendered.path,
        INDEX: "0",
    }

    assert expected == items(answer(resource_list(config=SPEC)).text)[-1]


def test_a_second_run_changes_no_byte() -> None:
    once = answer(resource_list(FOREIGN, LOCAL_SPEC)).text

    assert once == answer(once).text


def test_everybody_elses_objects_keep_their_words() -> None:
    head, _, items = resource_list(FOREIGN).partition("items:\n")
    text = f"{head}items:\n# above\n{items}"
    whole = text + "functionConfig:\n  " + SPEC[:-1].replace("\n", "\n  ") + "\n"
    done = answer(whole)

    assert () == done.errors
    assert done.text.startswith(text)


def test_a_tag_in_somebody_elses_object_passes_through() -> None:
    tagged = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {1: !!str 2}\n"
    done = answer(resource_list(tagged, config=SPEC))

    assert () == done.errors
    assert "  data: {1: !!str 2}\n" in done.text


def test_a_tag_in_a_spec_is_told() -> None:
    tagged = SPEC.replace("name: web", "name: !!str web", 1)

    assert ("error", "tag-refused") in said(answer(resource_list(tagged)).text)


def test_objects_that_share_an_anchor_are_written_out() -> None:
    anchored = "apiVersion: v1\nkind: A\nmetadata: {name: a, labels: &l {x: y}}\n"
    alias = "apiVersion: v1\nkind: B\nmetadata: {name: b, labels: *l}\n"
    given = resource_list(anchored, alias, config=SPEC)
    done = answer(given)

    assert () == done.errors
    assert items(given) == items(done.text)[:2]
    assert "*l" not in done.text


def test_an_object_that_was_rendered_before_is_replaced_in_its_place() -> None:
    first = answer(resource_list(FOREIGN, config=SPEC)).text
    moved = first.replace(
        'path: "tenants/primary/default/web.service.yaml"', "path: mine.yaml"
    )
    edited = moved.replace("externalTrafficPolicy: Local", "loadBalancerClass: x")
    assert edited != moved != first
    done = answer(edited)
    (service,) = (each for each in items(done.text) if each["kind"] == "Service")

    assert () == done.errors
    assert names(first) == names(done.text)
    assert "Local" == service["spec"]["externalTrafficPolicy"]
    assert "mine.yaml" == service["metadata"]["annotations"][PATH]


def test_an_object_that_is_rendered_no_more_goes() -> None:
    first = answer(resource_list(FOREIGN, config=SPEC)).text
    renamed = first.replace("      - name: web\n", "      - name: shop\n")
    assert renamed != first
    done = answer(renamed)

    assert {
        ("Deployment", "web"),
        ("ConfigMap", "shop-nginx"),
        ("Service", "shop"),
    } == set(names(done.text))
    assert (
        "ConfigMap 'web-nginx' in namespace 'default'",
        "Service 'web' in namespace 'default'",
    ) == done.removed


def test_a_rendered_file_without_an_owner_is_adopted() -> None:
    fleet = kubelb_gen.from_data(yaml.safe_load(SPEC))
    text = kubelb_gen.render(fleet)["tenants/primary/default/web.service.yaml"].text
    done = answer(resource_list(text, config=SPEC))

    assert () == done.errors
    assert [("Service", "web"), ("ConfigMap", "web-nginx")] == names(done.text)


OTHERS = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default}\n"


def test_somebody_elses_object_is_not_overwritten() -> None:
    given = resource_list(OTHERS, config=SPEC)
    done = answer(given)

    assert [("error", "not-ours")] == said(done.text)
    assert items(given) == items(done.text)
    assert "web" == results(done.text)[0]["resourceRef"]["name"]


def test_force_overwrites_it() -> None:
    done = answer(resource_list(OTHERS, config=SPEC), force=True)

    assert () == done.errors
    assert "LoadBalancer" == items(done.text)[0]["spec"]["type"]


def test_two_fleets_do_not_overwrite_each_other() -> None:
    other = LOCAL_SPEC.replace("name: acme", "name: other")
    done = answer(resource_list(LOCAL_SPEC, other))

    assert ("error", "not-ours") in said(done.text)
    assert "acme/primary" in results(done.text)[-1]["message"]


def test_a_fleet_may_be_spread_over_items() -> None:
    whole, _, tenants = LOCAL_SPEC.partition("  tenants:")
    head = LOCAL_SPEC[: LOCAL_SPEC.index("spec:")].replace("specs/acme", "specs/t")
    done = answer(resource_list(whole, f"{head}spec:\n  tenants:{tenants}"))

    assert () == done.errors
    assert [("ConfigMap", "web-nginx"), ("Service", "web")] == names(done.text)[2:]


@pytest.mark.parametrize(
    "given",
    [
        resource_list(annotated(SEVERAL, {CLUSTER: "team-b", LOCAL: "true"})),
        resource_list(config=annotated(SEVERAL, {CLUSTER: "team-b"})),
        resource_list(
            annotated(SEVERAL, {LOCAL: "true"}),
            config=CONFIG_MAP + "{cluster: team-b}\n",
        ),
    ],
)
def test_the_cluster_is_named_by_annotation_or_config(given: str) -> None:
    done = answer(given)
    found = {each["metadata"].get("namespace") for each in items(done.text)}

    assert () == done.errors
    assert {"team-b"} == found - {None}


def test_the_command_line_names_the_cluster_above_all() -> None:
    given = resource_list(config=annotated(SEVERAL, {CLUSTER: "team-b"}))
    found = {
        each["metadata"]["namespace"]
        for each in items(answer(given, cluster="team-a").text)
    }

    assert {"team-a"} == found


@pytest.mark.parametrize(
    ("given", "cluster", "finding"),
    [
        (resource_list(config=SEVERAL), None, "cluster-unclear"),
        (resource_list(config=SEVERAL), "team-c", "nothing-rendered"),
        (resource_list(config=specs.estate()), None, "nothing-rendered"),
        (resource_list(FOREIGN), None, "no-spec"),
        (resource_list(), None, "no-spec"),
        (resource_list(FOREIGN, config=FOREIGN), None, "function-config"),
        (resource_list(SPEC, config=UNKNOWN_SETTING), None, "function-config"),
        (resource_list(config=MISTYPED), None, "not-one-of"),
    ],
)
def test_what_cannot_be_rendered_is_told_and_changes_nothing(
    given: str, cluster: str | None, finding: str
) -> None:
    done = answer(given, cluster=cluster)

    assert ("error", finding) in said(done.text)
    assert items(given) == items(done.text)
    assert done.errors


@pytest.mark.parametrize(
    "given",
    [
        "",
        "- 1\n",
        "a: [",
        "kind: ResourceList\nitems: []\n",
        "apiVersion: config.kubernetes.io/v2\nkind: ResourceList\nitems: []\n",
        resource_list() + "---\n" + resource_list(),
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n",
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [1]\n",
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: 1\n",
        SPEC,
    ],
)
def test_what_is_no_resource_list_is_refused(given: str) -> None:
    with pytest.raises(LoadError):
        answer(given)


@pytest.mark.parametrize("version", ["v1beta1", "v1alpha1"])
def test_an_older_version_is_answered_in_kind(version: str) -> None:
    given = resource_list(config=SPEC).replace(
        "kubernetes.io/v1\n", f"kubernetes.io/{version}\n"
    )

    assert f"config.kubernetes.io/{version}" == read(answer(given).text)["apiVersion"]


def test_a_scalar_of_a_flow_list_keeps_its_spelling() -> None:
    thing = (
        '{apiVersion: v1, kind: A, metadata: {name: a}, list: [012, 0E0, ~, on, "on"]}'
    )
    done = answer(
        f"{{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: [{thing}]}}"
    )

    assert '  list:\n    - 012\n    - 0E0\n    - ~\n    - on\n    - "on"\n' in done.text


def test_two_specs_of_one_place_in_one_file_are_both_read() -> None:
    whole, _, tenants = LOCAL_SPEC.partition("  tenants:")
    head = LOCAL_SPEC[: LOCAL_SPEC.index("spec:")]
    done = answer(resource_list(whole, f"{head}spec:\n  tenants:{tenants}"))

    assert () == done.errors
    assert [("ConfigMap", "web-nginx"), ("Service", "web")] == names(done.text)[2:]


def test_a_configuration_that_is_an_item_too_counts_once() -> None:
    item = annotated(SPEC, {PATH: "specs/acme.yaml"})
    done = answer(resource_list(item, config=SPEC))

    assert () == done.errors
    assert [("ConfigMap", "web-nginx"), ("Service", "web")] == names(done.text)[1:]


def test_templates_are_the_operators_alone(tmp_path: Path) -> None:
    folder = tmp_path / "kubernetes"
    folder.mkdir()
    text = '{% include "kubelb-gen/kubernetes/service.yaml.j2" %}\n'
    (folder / "service.yaml.j2").write_text(f"{text}  clusterIP: None\n", "utf-8")
    given = resource_list(LOCAL_SPEC)
    asked = resource_list(
        LOCAL_SPEC,
        config="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
        f"data: {{cluster: primary, templates: {tmp_path}}}\n",
    )

    assert "clusterIP" not in answer(given, cluster="primary").text
    assert "clusterIP" not in answer(asked).text
    assert "no setting 'templates'" in answer(asked).text
    assert "clusterIP" in answer(given, cluster="primary", templates=str(tmp_path)).text


def test_a_template_of_the_operators_that_fails_is_a_result(tmp_path: Path) -> None:
    (tmp_path / "_header.j2").write_text("{{ x", "utf-8")
    failed = answer(
        resource_list(LOCAL_SPEC), cluster="primary", templates=str(tmp_path)
    )

    assert ["template-syntax"] == [each.id for each in failed.errors]


OVERLAY = """\
apiVersion: kubelb-gen/v1alpha1
kind: ClientIPOverlay
metadata: {name: acme}
spec:
  tenants:
    - name: primary
      services: [{name: web, namespace: default, ports: [{name: main, port: 5001}]}]
"""


def test_an_overlay_that_is_the_configuration_is_laid_over_the_items() -> None:
    done = answer(resource_list(LOCAL_SPEC, config=OVERLAY))
    (service,) = (each for each in items(done.text) if each["kind"] == "Service")

    assert () == done.errors
    assert 5001 == service["spec"]["ports"][0]["port"]


def test_what_is_wrong_with_an_overlay_is_a_result_about_it() -> None:
    odd = OVERLAY.replace("port: 5001", "prot: 5001")
    done = answer(resource_list(LOCAL_SPEC, config=odd))
    (result,) = (each for each in results(done.text) if each["severity"] == "error")

    assert "ClientIPOverlay" == result["resourceRef"]["kind"]
    assert "spec.tenants[0].services[0].ports[0].prot" == result["field"]["path"]


def test_an_overlay_among_the_items_is_not_taken_for_the_one_that_is_meant() -> None:
    done = answer(resource_list(LOCAL_SPEC, annotated(OVERLAY, {LOCAL: "true"})))

    assert ("error", "misplaced-kind") in said(done.text)


TEMPLATE = """\
{% include "_header.j2" %}
kind: Service
apiVersion: v1
spec: {ports: [{port: 1}]}
metadata: {annotations: {x: "y"}, name: {{ name | yaml }}, namespace: default}
"""


def test_objects_of_an_operators_templates_become_items_too(tmp_path: Path) -> None:
    (tmp_path / "kubernetes").mkdir()
    (tmp_path / "kubernetes" / "service.yaml.j2").write_text(TEMPLATE, "utf-8")
    done = answer(resource_list(config=SPEC), templates=str(tmp_path))
    service = items(done.text)[-1]

    assert () == done.errors
    assert ("web", "default") == (
        service["metadata"]["name"],
        service["metadata"]["namespace"],
    )
    assert {"x": "y", OWNER: "acme/primary"}.items() <= (
        service["metadata"]["annotations"].items()
    )
    assert done.text == answer(done.text, templates=str(tmp_path)).text
