"""What looks like a secret is not shown, in any format.

A comment on a pull request is read by more people than a cluster, and stays for ever.
A value is judged by the key before it (`password`, `token`), by its form (a PEM block,
a JWT, a cloud's key) and by its letters (long, and as good as random).  What names a
secret, or says where it lies, is shown: `secretName`, `/etc/tls/tls.key`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from kubelb_gen.diagnostics import Diagnostic

MASK = "***"

_WORDS = (
    r"token|passw(?:or)?d|passphrase|secret|credential|bearer|authorization|"
    r"(?:api|access|private|account|signing|encryption)[-_.]?key|kubeconfig"
)
_KEY = re.compile(rf"(?i:{_WORDS})s?(?![a-z])")
# What comes after such a word when the value is a name or a place.
_HARMLESS_KEY = re.compile(
    r"(?:name|names|namespace|ref|refs|path|file|type|kind|class|arn|id)$|sha256$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"(?:true|false|null|~|none|\d{1,5}|[/$].*|\*{3}|[|>][-+\d]*)?", re.IGNORECASE
)
_FORMS = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|sk-[\w-]{20,}|hvs\.[\w-]{20,}"
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/-]{8,}=*"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)[A-Z ]*-----")
_PEM_END = re.compile(r"-----END [A-Z ]+-----")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# How often capitals, small letters and digits take turns: in random text at every
# second letter or more, in words and in CamelCase at one of four.
_RANDOM = 0.35
_ASSIGNED = re.compile(
    r"""(?P<before>["']?(?P<key>[\w./-]+)["']?\s*[:=]\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,{}\[\]][^,}\]]*)"""
)
_BLOCK = re.compile(
    r"(?P<indent>\s*)(?:- )?[\"']?(?P<key>[\w./-]+)[\"']?:\s*[|>][-+\d]*\s*"
)


def masked(value: object, key: str = "") -> object:
    """Return *value*, which stands under *key*, without what looks like a secret.

    >>> masked("hunter2", "example.com/db-password")
    '***'
    >>> masked("tls-cert", "secretName")
    'tls-cert'
    """
    if isinstance(value, dict):
        return {
            name: masked(below, _inner(key, str(name))) for name, below in value.items()
        }
    if isinstance(value, list):
        return [masked(below, key) for below in value]
    if not isinstance(value, str):
        return value
    if "\n" in value and not is_secret_key(key):
        ends = value.splitlines(keepends=True)
        return "".join(masked_lines(ends))
    if is_secret_key(key) and not _HARMLESS.fullmatch(value):
        return MASK
    digest = key.endswith("sha256")
    return value if digest else masked_text(value)


def _inner(key: str, name: str) -> str:
    """Return by which key a member is judged: in a secret, all are, but names."""
    return key if is_secret_key(key) and not _HARMLESS_KEY.search(name) else name


def masked_finding(finding: Diagnostic) -> Diagnostic:
    """Return *finding* without what looks like a secret in its words or its line."""
    place = finding.location
    return replace(
        finding,
        message=masked_text(finding.message),
        label=masked_text(finding.label),
        hint=finding.hint and masked_text(finding.hint),
        location=place and replace(place, text=masked_text(place.text)),
    )


def is_secret_key(key: str) -> bool:
    """Tell whether what stands under *key* is a secret by its name.

    >>> is_secret_key("example.com/api-token"), is_secret_key("token-path")
    (True, False)
    """
    last = key.rpartition("/")[2]
    return bool(_KEY.search(last)) and not _HARMLESS_KEY.search(last)


def looks_secret(key: str, value: str) -> bool:
    """Tell whether *value* under *key* is a secret by its name or by its form.

    Letters as good as random are none here: load balancers' ids are such.

    >>> looks_secret("example.com/api-token", "x"), looks_secret("a/b", "v2")
    (True, False)
    """
    if is_secret_key(key) and not _HARMLESS.fullmatch(value):
        return True
    return bool(_FORMS.search(value) or _PEM.search(value))


def masked_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield *lines* of one text, as many as there were, without their secrets."""
    fence: re.Pattern[str] | None = None
    indent: int | None = None
    for line in lines:
        body = line.rstrip("\r\n")
        end = line[len(body) :]
        depth = len(body) - len(body.lstrip())
        if fence is None and indent is not None and body.strip() and depth <= indent:
            indent = None
        if fence is not None or (indent is not None and body.strip()):
            yield f"{body[:depth]}{MASK}{end}"
            if fence is not None and fence.search(body):
                fence = None
            continue
        begun = _PEM.search(body)
        if begun and not _PEM_END.search(body):
            fence = _PEM_END
            yield f"{body[: begun.start()]}{MASK}{end}"
            continue
        block = _BLOCK.fullmatch(body)
        if block and is_secret_key(block["key"]):
            indent = len(block["indent"])
        yield masked_text(body) + end


def masked_text(text: str) -> str:
    """Return one line of *text* without what looks like a secret in it.

    >>> masked_text('  password: "hunter2"')
    '  password: "***"'
    >>> masked_text("    kubelb.k8c.io/proxy-protocol: v2")
    '    kubelb.k8c.io/proxy-protocol: v2'
    """
    shown = _ASSIGNED.sub(_assigned, text)
    shown = _FORMS.sub(MASK, shown)
    if "sha256" in shown:
        return shown
    return _RUN.sub(lambda run: MASK if _is_random(run[0]) else run[0], shown)


def _assigned(found: re.Match[str]) -> str:
    value = found["value"]
    quote = value[0] if value[0] in "\"'" else ""
    inner = value.strip(quote) if quote else value.strip()
    if is_secret_key(found["key"]) and not _HARMLESS.fullmatch(inner):
        return f"{found['before']}{quote}{MASK}{quote}"
    if quote == '"' and '\\"' in inner:
        # JSON inside of an annotation.
        plain = masked_text(inner.replace('\\"', '"'))
        return found["before"] + quote + plain.replace('"', '\\"') + quote
    return found[0]


def _is_random(run: str) -> bool:
    if _UUID.search(run):
        return False
    if _HEX.fullmatch(run):
        return True
    kinds = [_kind(each) for each in run]
    if not {"upper", "lower", "digit"} <= {*kinds}:
        return False
    pairs = [pair for pair in pairwise(kinds) if "" not in pair]
    turns = sum(one != other for one, other in pairs)
    return turns >= _RANDOM * len(pairs)


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "digit"
    if not letter.isalpha():
        return ""
    return "upper" if letter.isupper() else "lower"
