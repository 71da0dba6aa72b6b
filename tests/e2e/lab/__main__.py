"""Run the laboratory and write its table: `python -m tests.e2e.lab [FILE]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.lab import observation, prediction, running, topology
from tests.e2e.lab.namespaces import obstacle
from tests.e2e.lab.worlds import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.lab.observation import Observation

_ABOUT = """\
What `kubelb-gen trace` predicts, and what kernel NAT and real proxies did with what
`kubelb-gen render` writes. `make lab` builds the path in network namespaces, runs every
cell and writes this page; it needs root, iproute2 and iptables.

A cell is one flow to one port: world, service, and where the flow comes from if not
from an IPv4 client on the internet. It tells the verdict, the identity (whom the
backend takes for the client), the peer (the source of the connection that the backend
accepts) and what the application behind the backend learns. `believed` lists where an
attacker wrote another address and got away with it. In the world `dsr` the node that
hands connections on without SNAT is an imitation with the kernel's means: no Cilium
runs here. Edges are Envoys as Envoy Gateway sets them up, and in the worlds `ingress`
NGINX with the directives of ingress-nginx's template: neither controller runs here.
"""
_HEAD = f"""\
# The laboratory

{_ABOUT}
| cell | predicted | observed |
| --- | --- | --- |
"""


def main(arguments: list[str]) -> int:
    """Print the table, and write it to the file that *arguments* may name."""
    reason = obstacle()
    if reason is not None:
        sys.stderr.write(f"no laboratory: {reason}\n")
        return 4
    rows = []
    differ = 0
    sys.stdout.write(_HEAD)
    for name, predicted, seen in _rows():
        row = f"| {name} | {_told(predicted)} | {_told(seen)} |\n"
        sys.stdout.write(row)
        sys.stdout.flush()
        rows.append(row)
        differ += predicted != seen
    end = f"\n{len(rows)} cells; {differ} seen otherwise than predicted.\n"
    sys.stdout.write(end)
    for path in arguments:
        text = "".join([_HEAD, *rows, end])
        Path(path).write_text(text, encoding="utf-8")
    return 1 if differ else 0


def _rows() -> Iterator[tuple[str, Observation, Observation]]:
    with topology.ground() as ground, tempfile.TemporaryDirectory() as folder:
        for world in WORLDS:
            with running.laboratory(ground, world, Path(folder, world.name)) as lab:
                for cell in world.cells():
                    yield (
                        cell.name,
                        prediction.predict(lab.paths, cell),
                        observation.observe(lab, cell),
                    )


def _told(what: Observation) -> str:
    words = [f"**{what.verdict}**"]
    if what.identity is not None:
        words.append(f"identity {what.identity}")
    words.append(f"peer {what.peer}")
    if what.application is not None:
        words.append(f"application {what.application}")
    if what.believed:
        words.append(f"believed: {', '.join(sorted(what.believed))}")
    return ", ".join(words)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
