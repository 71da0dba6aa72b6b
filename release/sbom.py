"""Writes the software bill of materials of a release: sbom.py VERSION < LOCK.

CycloneDX 1.6 as JSON, from what the lock says and nothing else: each package with its
hashes, and who needs it by the lock's own comments (`# via`).  The same lock gives the
same bytes.

Specification: cyclonedx.org/docs/1.6.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field

NAME = "kubelb-gen"
_PACKAGE = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<when>[^\\]+))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_OURSELVES = re.compile(rf"{NAME} \(pyproject\.toml\)")


@dataclass(frozen=True, slots=True)
class Package:
    """A locked package: *needed_by* are the names behind `# via`."""

    name: str
    version: str
    when: str
    hashes: list[str] = field(default_factory=list)
    needed_by: set[str] = field(default_factory=set)

    @property
    def reference(self) -> str:
        """The package URL, which names it in the bill, too."""
        return f"pkg:pypi/{self.name.lower()}@{self.version}"


def packages(lock: str) -> list[Package]:
    """Return the packages that *lock*, a requirements file of uv, pins."""
    found: list[Package] = []
    for line in lock.splitlines():
        if start := _PACKAGE.match(line):
            when = (start["when"] or "").strip()
            found.append(Package(start["name"], start["version"], when))
        elif found and (digest := _HASH.search(line)):
            found[-1].hashes.append(digest[1])
        elif found and line.startswith("    #"):
            name = line.strip("# ").removeprefix("via").strip()
            found[-1].needed_by.update({NAME} if _OURSELVES.match(name) else {name})
    return found


def bill(version: str, locked: list[Package]) -> dict[str, object]:
    """Return the bill of *version* of ours, as data."""
    ourselves = f"pkg:pypi/{NAME}@{version}"
    references = {NAME: ourselves, **{each.name: each.reference for each in locked}}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ourselves,
                "name": NAME,
                "version": version,
                "purl": ourselves,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(each) for each in locked],
        "dependencies": [
            {
                "ref": reference,
                "dependsOn": [
                    each.reference for each in locked if name in each.needed_by
                ],
            }
            for name, reference in references.items()
        ],
    }


def _component(package: Package) -> dict[str, object]:
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": package.reference,
        "name": package.name,
        "version": package.version,
        "purl": package.reference,
        "externalReferences": [
            {
                "type": "distribution",
                "url": package.reference,
                "comment": "the archives of this version, one for each platform",
                "hashes": [
                    {"alg": "SHA-256", "content": each} for each in package.hashes
                ],
            }
        ],
    }
    if package.when:
        component["properties"] = [{"name": "python:marker", "value": package.when}]
    return component


def main(version: str) -> None:
    """Print the bill of the lock on standard input."""
    document = bill(version, packages(sys.stdin.read()))
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
