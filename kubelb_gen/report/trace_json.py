"""Traced paths as JSON; the shape is `schemas/trace-v1.json`."""

from collections.abc import Iterable, Mapping

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Places
from kubelb_gen.report.json import json_text
from kubelb_gen.trace import Hop, Path, Setting


def trace_json(paths: Iterable[Path], places: Places | None = None) -> str:
    """Return *paths* as one JSON document, version 1, the last line ended.

    *places* knows the lines of the spec; without it only files are named.
    """
    listed = tuple(paths)
    lines = {} if places is None else _lines(listed, places)
    document = {"version": 1, "paths": [_path(each, lines) for each in listed]}
    return json_text(document)


def _lines(paths: Iterable[Path], places: Places) -> Mapping[DataPath, int]:
    wanted = dict.fromkeys(path.at for path in paths if path.at is not None)
    asked = (
        Diagnostic(id="path", severity=Severity.INFO, message="", at=at)
        for at in wanted
    )
    return {
        each.at: each.location.line
        for each in places.placed(asked)
        if each.at is not None and each.location is not None
    }


def _path(path: Path, lines: Mapping[DataPath, int]) -> dict[str, object]:
    return {
        "tenant": path.tenant,
        "namespace": path.namespace,
        "name": path.name,
        "gateway": path.gateway,
        "layer": path.layer,
        "port": path.port,
        "protocol": path.protocol,
        "flow": path.flow,
        "from": path.source,
        "verdict": path.verdict,
        "identity": {
            "is": path.identity.is_,
            "carriedBy": path.identity.carried_by,
            "lostAt": path.identity.lost_at,
        },
        "peer": {"is": path.peer},
        "application": path.application,
        "hops": [_hop(each) for each in path.hops],
        "because": list(path.because),
        "assumes": list(path.assumes),
        "at": None
        if path.at is None
        else {"file": path.at.source, "line": lines.get(path.at)},
    }


def _hop(hop: Hop) -> dict[str, object]:
    return {
        "name": hop.name,
        "snat": hop.snat,
        "setting": None if hop.setting is None else _setting(hop.setting),
        "why": hop.why,
    }


def _setting(setting: Setting) -> dict[str, str]:
    return {"file": setting.file, "key": setting.key, "value": setting.value}
