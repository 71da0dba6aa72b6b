"""What a running backend does with a PROXY header, learned by connecting to it."""

from kubelb_gen.probe.attempt import Attempt, Header, Outcome
from kubelb_gen.probe.dial import UnreachableError
from kubelb_gen.probe.payload import unescape
from kubelb_gen.probe.run import MOST_CONNECTIONS, Question, Report, probe
from kubelb_gen.probe.target import Target, parse_address, parse_name, parse_target
from kubelb_gen.probe.verdict import Verdict

__all__ = [
    "MOST_CONNECTIONS",
    "Attempt",
    "Header",
    "Outcome",
    "Question",
    "Report",
    "Target",
    "UnreachableError",
    "Verdict",
    "parse_address",
    "parse_name",
    "parse_target",
    "probe",
    "unescape",
]
