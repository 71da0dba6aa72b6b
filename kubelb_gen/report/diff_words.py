"""How a change is put into words: one verdict, and a row for each caller of a port."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.diagnostics import Severity
from kubelb_gen.report.counting import counted
from kubelb_gen.report.diff_names import again, port_name
from kubelb_gen.trace.path import Application, Origin, Role, Verdict
from kubelb_gen.trace.shut_out import shut_out
from kubelb_gen.trace.transition import BACKEND, EDGE, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sized

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.diff import Changes, PathChange, Side
    from kubelb_gen.trace.meeting import Outcome
    from kubelb_gen.trace.transition import Transition

PARTS = {SENDERS: "the senders", EDGE: "the edge", BACKEND: "the backend"}
_REFUSED = {
    SENDERS: "until the backend has its new ranges: let them come after",
    BACKEND: "once the backend has its new ranges: let them go before",
}
_LEARNS = {
    Application.SAME: "learns the address that the backend sees",
    Application.BY_HEADER: "learns that address by a header",
    Application.BACKEND_ADDRESS: "sees the backend's own address",
}
_PROBES = (Origin.KUBELET, Origin.HEALTH_CHECK)
_WORKS, _ENDS = "works", "works; live connections end"
STOPS = "stops working"
_NEITHER = "-"
_FAILS = "fails"
CALM = (_WORKS, _ENDS, "new", _NEITHER)


class Row(NamedTuple):
    """What one caller gets: now, while one step is merged, and settled."""

    now: str
    merging: str
    settled: str


class Group(NamedTuple):
    """Ports that the same happens to, for the same caller."""

    caller: str
    row: Row
    changes: tuple[PathChange, ...]

    @property
    def worst(self) -> PathChange:
        """The change that the others are like."""
        return self.changes[0]


def verdict(changes: Changes) -> str:
    """Say in a few words whether to merge *changes*."""
    errors = _errors(changes.new)
    flaw = f"{counted(len(errors), 'error')} in the new spec" if errors else ""
    worse = f"{_paths(changes.regressions)} worse" if changes.regressions else ""
    risk = "not safe to merge in one step" if changes.unsafe else ""
    end = ""
    if risk and not worse and not flaw and _all_good(changes.unsafe):
        end = "right end state"
    told_of = ", ".join(filter(None, (worse, flaw, end, risk)))
    return told_of if told_of and changes else _safe(changes)


def errors(changes: Changes) -> Iterator[tuple[str, Diagnostic]]:
    """Yield the errors of the new side, then those that the old side alone has."""
    known = set()
    for each in _errors(changes.new):
        known.add((each.id, each.message))
        yield changes.new.name, each
    for each in _errors(changes.old):
        if (each.id, each.message) not in known:
            yield changes.old.name, each


def rolling(changes: Changes) -> tuple[str, str]:
    """Return the command that tells the steps, and what it asks for beside that."""
    if changes.old.from_lock or changes.new.from_lock:
        return "kubelb-gen rollout", ", asked with both specs"
    unsound = ", once the new spec has no error" if _errors(changes.new) else ""
    return again("rollout", changes), unsound


def _errors(side: Side) -> list[Diagnostic]:
    return [each for each in side.findings if each.severity is Severity.ERROR]


def _safe(changes: Changes) -> str:
    gains = [each for each in changes.paths if each.gain and each.counts]
    come = {each.port for each in changes.paths if each.old is None}
    gone = {each.port for each in changes.paths if each.new is None}
    stay = {each.port for each in changes.paths if each.port_stays}
    if gone - stay:
        return f"{counted(len(gone - stay), 'port')} {_verb(gone - stay, 'goes')} away"
    if gains:
        return f"safe to merge, {_paths(gains)} better"
    if come - stay:
        return f"safe to merge, {counted(len(come - stay), 'new port')}"
    if changes.old.edited or changes.new.edited:
        return "edited by hand, so that the meaning is not known"
    if any(told(each) for each in changes.paths):
        return "safe to merge, meaning changes"
    return "no path changes its meaning" if changes else "nothing changes"


def told(change: PathChange) -> bool:
    """Tell whether *change* is seen from outside, and no detail of its record alone."""
    moving = change.transition
    cells = row(change)
    if moving.old is None or moving.new is None:
        # Of a port that comes or goes, its clients say enough.
        return change.counts and (
            change.caller not in _PROBES or cells.settled == _FAILS
        )
    if cells.now != cells.settled or cells.merging not in CALM:
        return True
    if cells.merging == _NEITHER:
        return False
    return change.caller not in _PROBES and bool(
        moving.grown or moving.shrunk or moving.ends or learns(change)
    )


def groups(changes: Iterable[PathChange]) -> list[Group]:
    """Return *changes* by what happens, the worst first."""
    found: dict[tuple[object, ...], list[PathChange]] = {}
    for each in changes:
        found.setdefault((*_weight(each), each.caller, row(each)), []).append(each)
    return [
        Group(listed[0].caller, row(listed[0]), tuple(listed))
        for _, listed in sorted(found.items(), key=lambda item: item[0])
    ]


def row(change: PathChange) -> Row:
    """Return the three cells of *change*."""
    moving = change.transition
    probe = change.caller in _PROBES
    return Row(
        _sight(moving.old, probe=probe),
        _merging(moving),
        _sight(moving.new, probe=probe),
    )


def notes(change: PathChange) -> list[str]:
    """Say what else there is to know: why it breaks, whom it trusts, what restarts."""
    moving = change.transition
    listed = [*reasons(moving)]
    if moving.grown or moving.shrunk:
        listed.append(f"trust: {trust(moving)}")
    listed += [*refused(change), *moving.ends]
    return [*dict.fromkeys(listed), *filter(None, (identity(change), learns(change)))]


def reasons(moving: Transition) -> Iterator[str]:
    """Yield what goes wrong while one step is merged, and why."""
    for each in moving.halfway:
        merged = " and ".join(PARTS[part] for part in PARTS if part in each.merged)
        if each.outcome.verdict is Verdict.BROKEN and moving.works:
            yield f"with {merged} merged alone, it breaks: {each.outcome.why}"
        elif each in moving.forgery_windows:
            yield f"with {merged} merged alone, a client can lie: {each.outcome.why}"
        elif each in moving.blind_windows:
            yield f"with {merged} merged alone, the client is lost: {each.outcome.why}"


def ports(group: Group) -> str:
    """Name the first port of *group*, and how many more there are."""
    more = f" and {len(group.changes) - 1} more" if len(group.changes) > 1 else ""
    return f"{port_name(group.worst.port)}{more}"


def trust(moving: Transition) -> str:
    """Say which ranges are trusted from now on, and which no longer."""
    signed = [
        *(f"+{each}" for each in moving.grown),
        *(f"-{each}" for each in moving.shrunk),
    ]
    return " ".join(signed)


def refused(change: PathChange) -> Iterator[str]:
    """Yield who is refused by a guard that has the ranges of the other side."""
    if change.old is None or change.new is None:
        return
    for merged, ranges in shut_out(change.transition, change.old, change.new):
        whom = ", ".join(ranges)
        yield f"peers from {whom} are refused {_REFUSED[merged]}"


def identity(change: PathChange) -> str | None:
    """Say what logs, limits and allow lists of a backend mean after *change*."""
    old, new = change.transition.old, change.transition.new
    if change.caller in _PROBES or old is None or new is None:
        return None
    if old.identity is None or new.identity is None or old.identity == new.identity:
        return None
    return (
        f"logs, limits and allow lists get the address of {_whose(new)} where it was "
        f"that of {_whose(old)}"
    )


def learns(change: PathChange) -> str | None:
    """Say what the program behind a backend learns, where that changes."""
    if change.old is None or change.new is None:
        return None
    old, new = (
        # A lock of a newer release may say what we do not know.
        _LEARNS.get(side.get("application", Application.SAME), "learns something else")
        for side in (change.old, change.new)
    )
    return None if old == new else f"the program behind it {new}; now it {old}"


def _merging(moving: Transition) -> str:
    old, new = moving.old, moving.new
    if old is None or new is None:
        return "new" if old is None else "gone"
    if moving.unsafe:
        return _breaking(moving)
    if moving.forgery_windows:
        return "a client can lie"
    if moving.blind_windows:
        return "the client is lost"
    if moving.works:
        return _ENDS if moving.ends else _WORKS
    words = {False: STOPS, True: "starts working"}
    return (
        "-" if old.verdict == new.verdict else words[new.verdict is not Verdict.BROKEN]
    )


def _breaking(moving: Transition) -> str:
    order = moving.order()
    if order is None:
        return "breaks, in every order"
    parts = ", then ".join(PARTS[part] for part in order)
    return f"breaks, unless in order: {parts}"


def _sight(outcome: Outcome | None, *, probe: bool) -> str:
    if outcome is None:
        return "-"
    if probe:
        return _FAILS if outcome.verdict is Verdict.BROKEN else "passes"
    if outcome.identity is None:
        return str(outcome.verdict)
    by = f", by {outcome.carried_by}" if outcome.carried_by else ""
    return f"{outcome.verdict}: sees {_whose(outcome)}{by}"


def _whose(outcome: Outcome) -> str:
    return "the client" if outcome.identity is Role.CLIENT else f"{outcome.identity}"


def _weight(change: PathChange) -> tuple[int, ...]:
    return (
        not change.unsafe,
        not change.regression,
        not change.counts,
        change.caller in _PROBES,
        not change.gain,
    )


def _all_good(unsafe: Iterable[PathChange]) -> bool:
    after = (each.transition.new for each in unsafe)
    return all(each is not None and each.verdict is Verdict.PRESERVED for each in after)


def _paths(changes: Iterable[PathChange]) -> str:
    listed = tuple(changes)
    return f"{counted(len(listed), 'path')} {_verb(listed, 'gets')}"


def _verb(things: Sized, singular: str) -> str:
    return singular if len(things) == 1 else {"gets": "get", "goes": "go"}[singular]
