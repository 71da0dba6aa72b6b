"""Findings as SARIF 2.1.0, which code scanning shows beside the lines of the spec.

A finding about the client's address has the traced path as its code flow: every step
stands on the line of the port, and says its hop, the reason and the setting.
Format: OASIS SARIF 2.1.0; how GitHub reads it: "SARIF support for code scanning".
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from kubelb_gen.checks import RULES, Report
from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.frozen import dataclass
from kubelb_gen.report.advice import advice, source
from kubelb_gen.report.json import json_text
from kubelb_gen.report.ports import start
from kubelb_gen.report.rules import manual
from kubelb_gen.report.text import by_position
from kubelb_gen.report.trace_text import setting
from kubelb_gen.trace import FlowKind, Path

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}
_ABOUT_CLIENTS = "client-ip-"

_Object = dict[str, Any]


def sarif(
    report: Report,
    paths: Iterable[Path] = (),
    *,
    version: str,
    folder: str | None = None,
    documents: str | None = None,
) -> str:
    """Return *report* as a SARIF log with one run.

    *paths* are what is traced, for code flows; *version* is our own.  File names are
    told relative to *folder*, where they are absolute and lie within it.  *documents*
    is the address that `docs/` has on the web, where it has one.
    """
    traffic: dict[DataPath | None, list[Path]] = {}
    for path in paths:
        if path.flow is FlowKind.TRAFFIC:
            traffic.setdefault(path.at, []).append(path)
    run = _Run(traffic=traffic, folder=folder, ids=tuple(_ids(report)))
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kubelb-gen",
                        "version": version,
                        "semanticVersion": version,
                        "rules": [_rule(name, documents) for name in run.ids],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": list(run.results(report)),
            }
        ],
    }
    return json_text(document)


def _ids(report: Report) -> Iterator[str]:
    yield from RULES
    found = [*report.findings, *(each.finding for each in report.suppressed)]
    yield from dict.fromkeys(each.id for each in found if each.id not in RULES)


def _rule(name: str, documents: str | None) -> _Object:
    if name not in RULES:
        # A problem of the file itself has no manual page: its message says it all.
        told = {"text": f"The file is not a sound spec: {name.replace('-', ' ')}."}
        return {
            "id": name,
            "shortDescription": told,
            "fullDescription": told,
            "help": told,
            "defaultConfiguration": {"level": "error"},
        }
    page = manual(name, RULES[name])
    prose = [each.text for each in page.paragraphs if not each.is_spec]
    rule: _Object = {
        "id": name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": " ".join([page.summary, *prose[:2]])},
        "help": {"text": f"{page.summary}\n\n{page.body}", "markdown": page.markdown},
        "defaultConfiguration": {"level": _LEVELS[page.severity]},
    }
    if documents is not None:
        rule["helpUri"] = f"{documents.rstrip('/')}/reference/rules.md#{name}"
    return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What results are made from besides their findings."""

    traffic: Mapping[DataPath | None, Sequence[Path]]
    folder: str | None
    ids: tuple[str, ...]

    def results(self, report: Report) -> Iterator[_Object]:
        """Yield a result for each finding, the suppressed ones with their reasons."""
        seen: Counter[str] = Counter()
        for each in by_position(report.findings):
            yield self._result(each, seen)
        for accepted in report.suppressed:
            suppression = {
                "kind": "inSource",
                "justification": accepted.reason,
            }
            result = self._result(accepted.finding, seen)
            yield {**result, "suppressions": [suppression]}

    def _result(self, finding: Diagnostic, seen: Counter[str]) -> _Object:
        result: _Object = {
            "ruleId": finding.id,
            "ruleIndex": self.ids.index(finding.id),
            "level": _LEVELS[finding.severity],
            "message": {"text": advice(finding)},
        }
        place = self._place(finding)
        if place is not None:
            result["locations"] = [{"physicalLocation": place}]
        result["partialFingerprints"] = {
            "primaryLocationLineHash": _fingerprint(finding, seen)
        }
        path = self._path(finding)
        if path is not None:
            result["codeFlows"] = [_code_flow(path, place)]
        return result

    def _place(self, finding: Diagnostic) -> _Object | None:
        name = source(finding)
        if name is None:
            return None
        place: _Object = {"artifactLocation": {"uri": self._uri(name)}}
        at = finding.location
        if at is not None:
            place["region"] = {
                "startLine": at.line,
                "startColumn": at.column,
                "endColumn": at.column + at.width,
            }
        return place

    def _uri(self, name: str) -> str:
        path = PurePosixPath(name)
        if self.folder is not None and path.is_relative_to(self.folder):
            path = path.relative_to(self.folder)
        # A name that is no UTF-8 is quoted byte by byte; a colon in the first segment
        # would read as a scheme.
        quoted = quote(str(path), errors="surrogateescape")
        return f"file://{quoted}" if path.is_absolute() else quoted

    def _path(self, finding: Diagnostic) -> Path | None:
        if not finding.id.startswith(_ABOUT_CLIENTS) or finding.at is None:
            return None
        own = self.traffic.get(finding.at, ())
        outcome = finding.id.removeprefix(_ABOUT_CLIENTS)
        fitting = [path for path in own if path.verdict == outcome]
        return next(iter([*fitting, *own]), None)


def _code_flow(path: Path, place: _Object | None) -> _Object:
    steps = [f"{path.source}: {start(path) or path.hops[0].name} sends"]
    for hop in path.hops:
        told = f"{hop.name}: {hop.why}"
        steps.append(f"{told} [{setting(hop.setting)}]" if hop.setting else told)
    return {
        "message": {"text": f"{path.source} to the backend: {path.verdict}"},
        "threadFlows": [{"locations": [_step(each, place) for each in steps]}],
    }


def _step(text: str, place: _Object | None) -> _Object:
    location: _Object = {"message": {"text": text}}
    if place is not None:
        location["physicalLocation"] = place
    return {"location": location}


def _fingerprint(finding: Diagnostic, seen: Counter[str]) -> str:
    """Return what stays the same when lines above the finding come and go."""
    line = finding.location.text.strip() if finding.location else str(finding.at)
    told = "\0".join((finding.id, source(finding) or "", line))
    digest = hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
