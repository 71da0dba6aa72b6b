"""A composite GitHub Action, run as its runner runs it, as far as shells go.

Steps that `use` another action are left out; what they would have set is given.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EXPRESSION = re.compile(r"\$\{\{ ([^}]+) \}\}")


@dataclass
class Job:
    """What a run left behind: its log, its exit code, and the outputs of its steps."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Runner:
    """Runs *action* in *checkout*; *env* is what the host sets beside GITHUB_*."""

    action: Mapping[str, Any]
    action_path: Path
    checkout: Path
    temp: Path
    env: Mapping[str, str]

    def run(self, context: Mapping[str, str], **inputs: str) -> Job:
        """Run every step until one fails; *context* has what expressions name."""
        known = {f"inputs.{key}": text for key, text in self._inputs(context, inputs)}
        known |= context
        job = Job()
        for step in self.action["runs"]["steps"]:
            if "run" not in step or not _holds(step.get("if"), known):
                continue
            self._step(step, known, job)
            if job.code:
                break
        return job

    def _inputs(
        self, context: Mapping[str, str], given: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        named = {key.replace("_", "-"): text for key, text in given.items()}
        return [
            (key, named.get(key, _resolved(str(told.get("default", "")), context)))
            for key, told in self.action["inputs"].items()
        ]

    def _step(self, step: Mapping[str, Any], known: dict[str, str], job: Job) -> None:
        output, summary = self.temp / "output", self.temp / "summary"
        output.write_text("", "utf-8")
        summary.write_text("", "utf-8")
        script = self.temp / "step.sh"
        script.write_text(step["run"], "utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],  # noqa: S607
            cwd=self.checkout,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.temp),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(self.action_path),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_REPOSITORY": "acme/client-ip",
                "RUNNER_TEMP": str(self.temp),
                **self.env,
                **{
                    key: _resolved(str(text), known)
                    for key, text in step.get("env", {}).items()
                },
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        job.code = done.returncode
        job.log += done.stdout
        job.summary += summary.read_text("utf-8")
        if name := step.get("id"):
            lines = output.read_text("utf-8").splitlines()
            job.outputs[name] = dict(line.split("=", 1) for line in lines)
            for key, text in job.outputs[name].items():
                known[f"steps.{name}.outputs.{key}"] = text


def _resolved(text: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return next(
            (known[name] for name in found[1].split(" || ") if known.get(name)), ""
        )

    return _EXPRESSION.sub(value, text)


def _holds(condition: str | None, known: Mapping[str, str]) -> bool:
    parts = condition.split(" && ") if condition else []
    return all(
        known.get(name, "") == wanted.strip("'")
        for name, _, wanted in (part.partition(" == ") for part in parts)
    )
