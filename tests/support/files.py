"""A fleet as files that lie in a folder: drawn, split, and edited as people do.

A file is a list of documents, by its name.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from kubelb_gen.checks import RULES
from kubelb_gen.checks.run import UNACCEPTABLE
from kubelb_gen.diagnostics import Severity
from kubelb_gen.document import Source
from tests.support.crowds import CONFIG, crowd
from tests.support.random_specs import maybe, specs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Data = dict[str, Any]
Files = dict[str, list[Data]]
# Which, of many, and how.
Edit = tuple[str, int, int]

ACCEPTED = st.sampled_from(
    [
        [name for name in {*RULES} - UNACCEPTABLE if RULES[name].SEVERITY in accepted]
        for accepted in ({Severity.ERROR}, {Severity.ERROR, Severity.WARNING}, ())
    ]
)
EDITS = (
    *("drop", "copy", "rename", "port", "wish", "policy", "note", "defaults"),
    *("context", "profile", "mention", "promote", "retire", "borrow"),
)
edits = st.tuples(st.sampled_from(EDITS), st.integers(0, 99), st.integers(0, 3))
OTHER: Data = {"kind": "other", "proxyProtocol": "accepted"}
NGINX: Data = {"kind": "nginx", "mode": "stream", "upstream": "127.0.0.1:8080"}
PROFILES: Data = {"quiet": {"clientIP": "ignored", "because": "of a profile"}}
# Leaves come behind what they use, or before it.
CONTEXTS = ("a.json", "zz.json")


@st.composite
def estates(draw: st.DrawFn) -> Data:
    """Draw a spec of a tenant or two with a few services each, right or wrong."""
    spec = draw(specs())
    known = spec["spec"]
    known["kubelb"] |= draw(st.sampled_from(CONFIG))
    # Of what is drawn at random, most would be refused.
    known["suppress"] = [
        {"rule": name, "reason": "a test says so"} | draw(maybe("service", NAMED))
        for name in draw(ACCEPTED)
    ]
    known |= {"profiles": PROFILES, "cidrSets": {"own": ["10.2.0.0/16"]}}
    first = known["tenants"][0]
    if draw(st.integers(0, 3)):
        # Most would be refused for what their Gateways are.
        del first["gateways"], first["ingresses"]
    first["internalCIDRs"] = draw(st.sampled_from([["$own"], ["$own"], "unknown"]))
    if draw(st.integers(0, 4)) == 0:
        del first["nodes"]
    if draw(st.booleans()):
        known["tenants"].append(first | {"name": "secondary"})
    for number, tenant in enumerate(known["tenants"]):
        tenant["services"] = draw(crowd(number))
        tenant["defaults"] = {"backend": draw(st.sampled_from([OTHER, OTHER, NGINX]))}
    return spec


NAMED = st.sampled_from(["web", "api"])


@st.composite
def splits(draw: st.DrawFn, spec: Data) -> Files:
    """Draw how *spec* is split into files, and what the file is called that is used."""
    context = draw(st.sampled_from(CONTEXTS))
    by_owner = draw(st.booleans())
    apart = draw(st.booleans())
    files = _by_tenant(spec, context) if apart else _by_service(spec, context)
    if not apart and draw(st.booleans()):
        files = _in_pairs(files, context)
    return _of_owners(files, context) if by_owner else files


def _by_service(spec: Data, context: str) -> Files:
    rest = deepcopy(spec)
    files = {context: [rest]}
    for tenant in rest["spec"]["tenants"]:
        about = {key: tenant[key] for key in ("name", "defaults")}
        for service in tenant.pop("services"):
            own = _document(spec, [about | {"services": [service]}])
            named = f"{tenant['name']}-{service['namespace']}-{service['name']}"
            files[f"{named}.json"] = [own]
    return files


def _by_tenant(spec: Data, context: str) -> Files:
    rest = deepcopy(spec)
    tenants = rest["spec"].pop("tenants")
    files = {f"{each['name']}.json": [_document(spec, [each])] for each in tenants}
    return {context: [rest], **files}


def _in_pairs(files: Files, context: str) -> Files:
    """Put two files into one, each a document with defaults of its own."""
    paired = {context: files[context]}
    leaves = [name for name in files if name != context]
    for first, second in zip(leaves[::2], leaves[1::2], strict=False):
        documents = [*files[first], *files[second]]
        documents[1]["spec"]["defaults"] = {"annotations": {"a.example/size": "L"}}
        paired[first] = documents
    if len(leaves) % 2:
        paired[leaves[-1]] = files[leaves[-1]]
    return paired


def _of_owners(files: Files, context: str) -> Files:
    (management,) = files[context]
    management["kind"] = "ManagementSpec"
    stated = management["spec"].pop("tenants", [])
    for each in stated:
        files[f"{each['name']}-itself.json"] = [_document(management, [each])]
    documents = [each for name in files if name != context for each in files[name]]
    for each in documents:
        each["kind"] = "TenantSpec"
    names = {each["name"] for one in documents for each in one["spec"]["tenants"]}
    for number, name in enumerate(sorted(names)):
        listed: Data = {"name": name}
        if number:
            listed["egressCIDRs"] = ["10.66.0.0/16"]
        management["spec"].setdefault("tenants", []).append(listed)
    return files


def _document(like: Data, tenants: list[Data]) -> Data:
    head = {key: like[key] for key in ("apiVersion", "kind", "metadata")}
    return head | {"spec": {"tenants": tenants}}


def sources(files: Files, *, end: str = "\n") -> list[Source]:
    """The texts of *files*, whose lines have this *end*, as a folder is read."""
    return [Source(name, text_of(files[name], end=end)) for name in sorted(files)]


def text_of(documents: Iterable[Data], *, end: str = "\n") -> str:
    text = "\n---\n".join(json.dumps(each, indent=1) for each in documents)
    return text.replace("\n", end)


def edited(files: Files, edit: Edit) -> Files:
    """Return *files* after an *edit* that somebody might make."""
    what, which, value = edit
    files = deepcopy(files)
    context = next(each for each in CONTEXTS if each in files)
    leaves = sorted({*files} - {context})
    name = leaves[which % len(leaves)] if leaves else context
    if what in _TO_SERVICES:
        for service in services(files[name]):
            _TO_SERVICES[what](service, value)
    elif what in ("context", "profile"):
        _edit_context(files[context][0]["spec"], what, value)
    elif name != context:
        _TO_FILES[what](files, name)
    return files


def services(documents: Iterable[Data]) -> Iterator[Data]:
    for document in documents:
        for tenant in document["spec"].get("tenants", ()):
            yield from tenant.get("services", ())


def _edit_context(spec: Data, what: str, value: int) -> None:
    if what == "profile":
        spec["profiles"]["quiet"]["because"] = f"of edit {value}"
    else:
        spec["management"]["egressCIDRs"] = [f"10.{value}.0.0/16"]


def _number(service: Data, value: int) -> None:
    service["ports"][0]["nodePort"] = 31000 + value


def _wish(service: Data, value: int) -> None:
    service["ports"][0] |= {"clientIP": "ignored", "because": f"of edit {value}"}


def _policy(service: Data, value: int) -> None:
    service["externalTrafficPolicy"] = ("Local", "Cluster")[value % 2]


def _note(service: Data, value: int) -> None:
    service["annotations"] = {"a.example/size": f"{value}"}


def _borrow(service: Data, value: int) -> None:
    del value
    service["profile"] = "quiet"


def _rename(files: Files, name: str) -> None:
    files[f"b-{name}"] = files.pop(name)


def _copy(files: Files, name: str) -> None:
    files[f"z-{name}"] = files[name]


def _default(files: Files, name: str) -> None:
    # Of a document, for the tenants in it.
    files[name][0]["spec"]["defaults"] = {"externalTrafficPolicy": "Local"}


def _mention(files: Files, name: str) -> None:
    owner = files[name][0]["spec"]["tenants"][0]["name"]
    said = {"name": owner, "egressCIDRs": ["10.77.0.0/16"]}
    files["m.json"] = [_document(files[name][0], [said])]


def _promote(files: Files, name: str) -> None:
    """Say something in a leaf that others use."""
    head = {key: files[name][0][key] for key in ("apiVersion", "metadata")}
    spec = {"profiles": {"loud": {"clientIP": "preferred"}}}
    files[name] = [*files[name], head | {"kind": "ClientIPSpec", "spec": spec}]


def _retire(files: Files, name: str) -> None:
    files[name] = files[name][:1]


_TO_SERVICES: dict[str, Callable[[Data, int], None]] = {
    "port": _number,
    "wish": _wish,
    "policy": _policy,
    "note": _note,
    "borrow": _borrow,
}
_TO_FILES: dict[str, Callable[[Files, str], object]] = {
    "drop": lambda files, name: files.pop(name),
    "copy": _copy,
    "rename": _rename,
    "defaults": _default,
    "mention": _mention,
    "promote": _promote,
    "retire": _retire,
}
