"""With what earlier runs kept, a fleet of many files renders to what it is without.

A run says the same of a fleet whatever the runs before it have seen: other texts of its
files, fewer of them, more of them.
"""

from __future__ import annotations

import json
from copy import deepcopy
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from kubelb_gen import api
from kubelb_gen.cache import fleet
from kubelb_gen.cache.rendering import render_files
from kubelb_gen.cache.store import Store
from kubelb_gen.checks import RULES
from kubelb_gen.checks.run import UNACCEPTABLE
from kubelb_gen.diagnostics import Severity
from kubelb_gen.document import Source
from kubelb_gen.errors import SpecError
from tests.property.test_the_law_of_parts import CONFIG, crowd
from tests.support.random_specs import specs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.diagnostics import Diagnostic

pytestmark = pytest.mark.property

ACCEPTED = st.sampled_from(
    [
        [name for name in {*RULES} - UNACCEPTABLE if RULES[name].SEVERITY in accepted]
        for accepted in ({Severity.ERROR}, {Severity.ERROR, Severity.WARNING}, ())
    ]
)

Data = dict[str, Any]
Files = dict[str, Data]


@pytest.fixture(autouse=True)
def _every_fleet_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "LEAST", 1)


@st.composite
def estates(draw: st.DrawFn) -> Data:
    """Draw a spec of a tenant or two with a few services each, right or wrong."""
    spec = draw(specs())
    known = spec["spec"]
    known["kubelb"] |= draw(st.sampled_from(CONFIG))
    # Of what is drawn at random, most would be refused.
    known["suppress"] = [
        {"rule": name, "reason": "a test says so"} for name in draw(ACCEPTED)
    ]
    if draw(st.integers(0, 3)):
        # Most would be refused for what their Gateways are.
        del known["tenants"][0]["gateways"], known["tenants"][0]["ingresses"]
    if draw(st.booleans()):
        known["tenants"].append(known["tenants"][0] | {"name": "secondary"})
    for number, tenant in enumerate(known["tenants"]):
        tenant["services"] = draw(crowd(number))
        tenant["defaults"] = {"backend": {"kind": "other", "proxyProtocol": "accepted"}}
    return spec


def split(spec: Data, *, apart: bool) -> Files:
    """*spec* as files: one for each service, and one for the rest.

    Or else, *apart*, one for each tenant, with all that is said of it.
    """
    rest = deepcopy(spec)
    head = {key: spec[key] for key in ("apiVersion", "kind", "metadata")}
    files = {"a.json": rest}
    for tenant in rest["spec"]["tenants"] if apart else ():
        files[f"{tenant['name']}.json"] = head | {"spec": {"tenants": [tenant]}}
    if apart:
        del rest["spec"]["tenants"]
        return files
    for tenant in rest["spec"]["tenants"]:
        about = {key: tenant[key] for key in ("name", "defaults")}
        for service in tenant.pop("services"):
            own = head | {"spec": {"tenants": [about | {"services": [service]}]}}
            named = f"{tenant['name']}-{service['namespace']}-{service['name']}"
            files[f"{named}.json"] = own
    return files


def sources(files: Files) -> list[Source]:
    return [Source(name, json.dumps(files[name], indent=1)) for name in sorted(files)]


def outcome(files: Artifacts, warnings: Sequence[Diagnostic]) -> object:
    texts = {path: (each.text, each.role, each.kind) for path, each in files.items()}
    return list(texts), texts, files.lock.data(), warnings


def without(files: Files) -> object:
    try:
        artifacts, report = api.render_and_report(api.from_sources(sources(files)))
    except SpecError as error:
        return error.diagnostics
    return outcome(artifacts, report.warnings)


def with_cache(files: Files, folder: str) -> object:
    store = Store(f"{folder}/shares", f"{folder}/texts")
    done = render_files(sources(files), store, printed=False)
    return done and outcome(done.artifacts, done.warnings)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, int, Any]:
    """Draw what is done to a file: which, of many, and with what."""
    what = draw(
        st.sampled_from(["drop", "copy", "port", "wish", "policy", "note", "all"])
    )
    return what, draw(st.integers(0, 99)), draw(st.integers(0, 3))


def edited(files: Files, edit: tuple[str, int, int]) -> Files:
    what, which, value = edit
    files = deepcopy(files)
    name = sorted(files)[which % len(files)]
    for service in services(files[name]):
        if what == "port":
            service["ports"][0]["nodePort"] = 31000 + value
        elif what == "wish":
            service["ports"][0] |= {"clientIP": "ignored", "because": "of an edit"}
        elif what == "policy":
            service["externalTrafficPolicy"] = ("Local", "Cluster")[value % 2]
        elif what == "note":
            service["annotations"] = {"a.example/size": f"{value}"}
    if what == "drop" and name != "a.json":
        del files[name]
    elif what == "copy":
        files[f"z-{name}"] = files[name]
    elif what == "all":
        ranges = [f"10.{value}.0.0/16"]
        files["a.json"]["spec"]["management"]["egressCIDRs"] = ranges
    return files


def services(file: Data) -> Iterator[Data]:
    for tenant in file["spec"].get("tenants", ()):
        yield from tenant.get("services", ())


@given(estates(), st.lists(edits(), max_size=3), st.booleans())
@settings(deadline=None, suppress_health_check=[*HealthCheck])
def test_every_run_says_what_it_would_say_without(
    spec: Data, changes: list[tuple[str, int, Any]], apart: bool
) -> None:
    files = split(spec, apart=apart)
    with TemporaryDirectory() as folder:
        for change in [None, None, *changes]:
            if change is not None:
                files = edited(files, change)
            found = with_cache(files, folder)
            event("refused" if found is None else "rendered")
            if found is not None:
                assert found == without(files)
