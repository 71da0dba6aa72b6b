"""Rules: what is wrong in a spec, found before any packet finds it.

A rule is a file, and its docstring is its manual page.  `RULES` lists them all;
`run` judges a plan by them.
"""

from kubelb_gen.checks.registry import RULES, Rule
from kubelb_gen.checks.run import Report, Suppressed, run

__all__ = ["RULES", "Report", "Rule", "Suppressed", "run"]
