"""Inputs made from a seed: valid specs with parts changed, token soups, bytes.

The same seed and number make the same input, so that a failure is found again.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kubelb_gen.document import Source, parse
from kubelb_gen.render.own.folder import our_names, our_text
from tests.hostile.templates_that_attack import ATTACKS
from tests.hostile.texts import PARTS, PIECES, SCALARS, TEXTS

ROOT = Path(__file__).resolve().parents[2]
_NESTED = 70
_LONG = 20_000
_LONG_TEMPLATE = 5_000


@dataclass(frozen=True, slots=True)
class Input:
    """What one run is fed: a *kind* for the counts, and the bytes of a file."""

    kind: str
    content: bytes


def make(seed: int, number: int) -> Input:
    """Return input *number* of the run of *seed*."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311  a test's, no secret's
    kind = chance.choices(list(_MAKERS), weights=[w for _, w in _MAKERS.values()])[0]
    return Input(kind, _MAKERS[kind][0](chance))


def _changed(chance: random.Random) -> bytes:
    """A valid spec with one to three values changed; often it is still valid."""
    data = copy.deepcopy(chance.choice(_specs()))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _change(chance, data)
    return json.dumps(data, ensure_ascii=chance.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )


def _swapped(chance: random.Random) -> bytes:
    """A valid spec whose values are other specs' values of the same keys."""
    data = copy.deepcopy(chance.choice(_specs()))
    pool = _pool()
    for _ in range(chance.randint(1, 8)):
        places = _places(data)
        if not places:
            break
        holder, key = chance.choice(places)
        if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(chance.choice(holder)))
        elif chance.random() < 0.15:
            del holder[key]
        elif key in pool:
            holder[key] = copy.deepcopy(chance.choice(pool[key]))
    return json.dumps(data).encode()


def _hostile_text(chance: random.Random) -> bytes:
    """A valid spec with a hostile text in every value of one key, or in all."""
    data = copy.deepcopy(chance.choice(_specs()))
    texts = [
        (holder, key) for holder, key in _places(data) if isinstance(holder[key], str)
    ]
    wanted = chance.choice(texts)[1]
    text = chance.choice(TEXTS)
    for holder, key in texts:
        if key == wanted or chance.random() < 0.05:
            holder[key] = text
    return json.dumps(data).encode()


def _free_text(chance: random.Random) -> bytes:
    """A valid spec with hostile texts where any text may stand."""
    data = copy.deepcopy(chance.choice(_specs()))
    tenant = chance.choice(data["spec"]["tenants"])
    texts = [chance.choice(TEXTS) for _ in range(6)]
    tenant["defaults"] = {"clientIP": "preferred", "because": texts[0] + "."}
    data["metadata"]["annotations"] = {"example.com/a": texts[1]}
    for service in tenant.get("services", ()):
        service["selector"] = {"app": "web"}
        service["annotations"] = {"example.com/b": texts[2]}
        for port in service["ports"]:
            _retext(chance, port.get("backend", {}), texts)
        _retext(chance, service.get("backend", {}), texts)
    suppress = {"rule": "trust-range-wide", "reason": texts[5] + "."}
    data["spec"]["suppress"] = [suppress]
    return json.dumps(data).encode()


def _retext(chance: random.Random, backend: dict[str, Any], texts: list[str]) -> None:
    if chance.random() < 0.3 and "probe" in backend:
        backend["probe"] = {"type": "httpGet", "port": 8081, "path": f"/{texts[3]}"}
    if chance.random() < 0.3:
        backend["tls"] = {"certificate": f"/{texts[3]}", "key": f"/{texts[4]}"}


def _bytes_changed(chance: random.Random) -> bytes:
    """The YAML of an example with bytes flipped, cut, doubled or put in."""
    content = bytearray(chance.choice(_texts()))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(5):
            case 0:
                content[at:end] = bytes([chance.randrange(256)])
            case 1:
                del content[at:end]
            case 2:
                content[at:at] = content[at:end] * chance.choice((1, 2, 50))
            case 3:
                piece = chance.choice(PIECES + TEXTS)
                content[at:at] = piece.encode("utf-8", "surrogatepass")
            case 4:
                del content[at:]
    return bytes(content)


def _lines_changed(chance: random.Random) -> bytes:
    """The YAML of an example with lines moved, doubled or indented otherwise."""
    lines = chance.choice(_texts()).decode().splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                lines[at], lines[other] = lines[other], lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at] = " " * chance.randint(1, 9) + lines[at].lstrip()
            case 3:
                lines[at] = lines[at].replace(
                    ": ", chance.choice((":", ": &a ", ": *a "))
                )
    return "".join(lines).encode()


def _soup(chance: random.Random) -> bytes:
    """Pieces of YAML in no order."""
    pieces = chance.choices(PIECES, k=chance.randint(0, 60))
    text = "".join(pieces)
    if chance.random() < 0.05:
        return text.encode(chance.choice(("utf-16", "utf-32", "utf-8-sig")))
    return text.encode("utf-8", "surrogatepass")


def _noise(chance: random.Random) -> bytes:
    """Bytes that nobody wrote."""
    return chance.randbytes(chance.choice((0, 1, 3, 20, 400)))


def _deep(chance: random.Random) -> bytes:
    """Structures that are deep, long, or that aliases make huge."""
    size = chance.randint(1, _LONG)
    match chance.randrange(7):
        case 0:
            text = chance.choice(("[", "{a: ", "- ", "? ", '{"a":', "&a [")) * size
        case 1:
            text = "spec: " + "[" * _NESTED + "]" * chance.randint(0, _NESTED)
        case 2:
            text = "a: &a0 [x]\n" + "".join(
                f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
            )
        case 3:
            text = "x: " + chance.choice("0a1é ") * size
        case 4:
            text = "".join(f"k{n}: {n}\n" for n in range(size // 20))
        case 5:
            text = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(size // 40)) + "}\n"
            text += "b:\n" + "  <<: *a\n" * 3 + f"  <<: [{', '.join(['*a'] * 99)}]\n"
        case _:
            text = "# " + "\n# ".join(["x"] * (size // 20)) + "\n" + '"' * (size % 7)
    return text.encode()


def _objects(chance: random.Random) -> bytes:
    """A list of Kubernetes objects, of specs, or a KRM ResourceList, parts changed."""
    items = [
        copy.deepcopy(chance.choice(_rendered() if chance.random() < 0.7 else _specs()))
        for _ in range(chance.randint(0, 5))
    ]
    document: Any = {"apiVersion": "v1", "kind": "List", "items": items}
    if chance.random() < 0.6:
        group = "config.kubernetes.io/v1"
        document = {"apiVersion": group, "kind": "ResourceList", "items": items}
        if chance.random() < 0.5:
            document["functionConfig"] = copy.deepcopy(chance.choice(_specs()))
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        _change(chance, document)
    if chance.random() < 0.3:
        return "---\n".join(f"{json.dumps(each)}\n" for each in items).encode()
    return json.dumps(document).encode()


def _template(chance: random.Random) -> bytes:
    """A template of ours or an attack, with pieces of templates put in or cut out."""
    attacks = [text for text, _ in ATTACKS.values() if len(text) < _LONG_TEMPLATE]
    text = chance.choice((*attacks, *_our_templates()))
    for _ in range(chance.randint(0, 5)):
        at = chance.randrange(len(text) + 1)
        if chance.random() < 0.7:
            piece = chance.choice((*PARTS, *TEXTS))
            text = text[:at] + piece + text[at:]
        else:
            text = text[:at] + text[at + chance.randint(1, 9) :]
    return text.encode("utf-8", "surrogatepass")


def _lock(chance: random.Random) -> bytes:
    """A lock or journal that lies, or is none."""
    sha = "0" * 64
    document: dict[str, Any] = chance.choice(
        (
            {
                "version": 1,
                "spec": "acme",
                "files": [{"path": "a/b.yaml", "kind": "k", "sha256": sha}],
                "meaning": [{"verdict": "lost"}],
            },
            {
                "version": 1,
                "stage": "stage-0123456789abcdef",
                "files": [["a/b.yaml", sha, None]],
                "removed": [["a/c.yaml", sha]],
                "lock": [sha, None],
            },
        )
    )
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        _change(chance, document)
    content = bytearray(json.dumps(document).encode())
    if chance.random() < 0.3:
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


_MAKERS = {
    "values changed": (_changed, 24),
    "values swapped": (_swapped, 28),
    "hostile text": (_hostile_text, 10),
    "free text": (_free_text, 10),
    "bytes changed": (_bytes_changed, 8),
    "lines changed": (_lines_changed, 4),
    "soup": (_soup, 10),
    "noise": (_noise, 4),
    "deep": (_deep, 1),
    "lock": (_lock, 5),
    "objects": (_objects, 6),
    "template": (_template, 8),
}


def _change(chance: random.Random, data: Any) -> None:  # noqa: ANN401  plain data
    places = _places(data)
    if not places:
        return
    holder, key = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del holder[key]
        case 1:
            holder[key] = chance.choice(SCALARS)
        case 2:
            holder[key] = chance.choice(TEXTS)
        case 3:
            holder[key] = chance.choice(([holder[key]], {"x": holder[key]}, [], {}))
        case 4 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        case 4:
            holder[chance.choice(TEXTS)] = holder[key]
        case 5:
            other, place = chance.choice(places)
            # It may stand elsewhere by now, where an earlier change took it out.
            holder[key] = copy.deepcopy(other[place])


def _places(data: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401  plain data
    """Return every container of *data* with each of its keys."""
    found: list[tuple[Any, Any]] = []
    pending = [data]
    while pending:
        holder = pending.pop()
        members = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, member in members:
            found.append((holder, key))
            if isinstance(member, dict | list):
                pending.append(member)
    return found


@cache
def _texts() -> list[bytes]:
    found = [*ROOT.glob("examples/*/*.yaml"), *ROOT.glob("examples/*/specs/*.yaml")]
    found += ROOT.glob("tests/golden/cases/*/*.yaml")
    return [path.read_bytes() for path in sorted(found)]


@cache
def _specs() -> list[dict[str, Any]]:
    whole = sorted(ROOT.glob("examples/*/*.yaml"))
    return [_read(path) for path in whole]


def _read(path: Path) -> dict[str, Any]:
    return parse(Source(path.name, path.read_text("utf-8"))).documents[0].data


@cache
def _rendered() -> list[dict[str, Any]]:
    found = sorted(ROOT.glob("examples/*/rendered/**/*.yaml"))[::5]
    read = [parse(Source(path.name, path.read_text("utf-8"))) for path in found]
    return [each.data for source in read for each in source.documents]


@cache
def _our_templates() -> list[str]:
    return [our_text(name) for name in our_names()]


@cache
def _pool() -> dict[str, list[Any]]:
    """Return the values of each key in all examples, and what the schema lists."""
    pool: dict[str, list[Any]] = {}
    for spec in _specs():
        for holder, key in _places(spec):
            if isinstance(key, str) and holder[key] not in pool.setdefault(key, []):
                pool[key].append(holder[key])
    schema = json.loads((ROOT / "schemas/spec-v1alpha1.json").read_text("utf-8"))
    for holder, key in _places(schema):
        member = holder[key]
        if isinstance(key, str) and isinstance(member, dict):
            pool.setdefault(key, []).extend(member.get("enum", ()))
    return {key: values for key, values in pool.items() if values}
