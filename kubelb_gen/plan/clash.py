"""What the program in a pod cannot have, because another port of the pod has it."""

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two ports of one pod that cannot both have what they ask for.

    *what* is `listen` or `probe` for a port number that is wanted twice, `emit`,
    `configMap` or `workload` for one file that is wanted in two ways; *number* is the
    port behind it.
    *at* is the port that asks, *field* what it asks with.
    """

    what: str
    namespace: str
    name: str
    number: int
    at: DataPath | None
    field: DataPath | None = None
