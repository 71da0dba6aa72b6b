"""Documents of any kind, such as what `kubectl get -o yaml` or `-o json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.document.brackets import NotPlainYaml
from kubelb_gen.document.loading import Document, ParsedSource
from kubelb_gen.document.plainyaml import read_plain
from kubelb_gen.document.positions import Marks, lines_of, location

if TYPE_CHECKING:
    from kubelb_gen.document.sources import Source


def parse_any(source: Source) -> ParsedSource:
    """Read every mapping of *source*; empty documents are passed over.

    Problems are values, nothing is raised.
    """
    if source.problems:
        return ParsedSource(source, diagnostics=source.problems)
    roots, problems = _roots(source)
    documents: list[Document] = []
    for index, (data, marks) in enumerate(roots):
        if isinstance(data, dict):
            documents.append(Document(DataPath(source.name, index), data, marks))
        elif data is not None:
            problems.append(_no_mapping(source, index, marks))
    return ParsedSource(source, tuple(documents), tuple(problems))


def _roots(source: Source) -> tuple[list[tuple[Any, Marks | None]], list[Diagnostic]]:
    text = source.text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        # Imported here: most of it is YAML.
        from kubelb_gen.document.jsontext import (  # noqa: PLC0415
            NotPlainJson,
            read_json,
        )

        try:
            return [(read_json(text), None)], []
        except NotPlainJson:
            pass
    try:
        return [(data, None) for data in read_plain(text)], []
    except NotPlainYaml:
        pass
    # Imported here, since what `kubectl` prints mostly does without.
    from kubelb_gen.document.yamltext import YamlReader  # noqa: PLC0415

    reader = YamlReader(source.name, text)
    reader.read()
    return list(reader.roots), list(reader.diagnostics)


def _no_mapping(source: Source, index: int, marks: Marks | None) -> Diagnostic:
    return Diagnostic(
        id="wrong-type",
        severity=Severity.ERROR,
        message="an object of Kubernetes is a mapping, this document is none",
        at=DataPath(source.name, index),
        location=location(source.name, lines_of(source.text), marks.span)
        if marks
        else None,
    )
