"""Law: a text written for NGINX or HAProxy arrives as it is, or is refused.

The real program says back what it read, so that nothing can hide in a token.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given

from kubelb_gen.errors import RenderError
from kubelb_gen.render.grammar import haproxy_token, nginx_token
from tests.support import loopback, servers
from tests.support.token_texts import few, kept, texts

pytestmark = pytest.mark.property

_TRAPS = (
    *(
        "a b",
        "x;y",
        "x{y",
        "}",
        "{",
        "#x",
        "a#b",
        'a"b',
        "a\\",
        "\\",
        "\\n",
        '\\"',
        "'",
    ),
    *("\\x41", "%[src]", "%", "a=b", "!x", "||", "or", "if", "unless", "a,b", "*", "?"),
    *("[x]", "@x", "~x", "^~", "`id`", "<x>", "a|b", "😀", "ünï", "\u00a0", "\u200b"),
    *("{{ 7 * 7 }}", "{% raw %}", "no", "1e3", "--", "-f x", "(x)", "$x", "${HOME}"),
    *("a\nreturn 500;", "a\r\nb", "\x00", "\x7f", "\t", "", "x" * 2000, "\\" * 2000),
)
_HAPROXY = """\
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
listen texts
    bind 127.0.0.1:{port}
"""
_ANSWER = "    http-request return status 200 content-type text/plain string {token} "


def _answers(port: int, count: int) -> list[str]:
    found = [loopback.request(port, path=f"/{index}") for index in range(count)]
    return [answer.body.decode("utf-8") for answer in found]


_TEXTS = texts(_TRAPS)


@few
@given(_TEXTS)
@example(list(_TRAPS))
def test_nginx_reads_the_text_that_was_meant(
    tmp_path_factory: pytest.TempPathFactory, written: list[str]
) -> None:
    tokens = kept(written, nginx_token)
    port = loopback.free_port()
    places = "".join(
        f"    location = /{index} {{ return 200 {token}; }}\n"
        for index, token in enumerate(tokens.values())
    )
    fragment = f"server {{\n    listen 127.0.0.1:{port};\n{places}}}\n"

    with servers.nginx(
        tmp_path_factory.mktemp("nginx"), http=[fragment], ports=[port]
    ) as program:
        assert list(tokens) == _answers(port, len(tokens))
        assert "[warn]" not in program.log_text()


@few
@given(_TEXTS)
@example(list(_TRAPS))
def test_haproxy_reads_the_text_that_was_meant(
    tmp_path_factory: pytest.TempPathFactory, written: list[str]
) -> None:
    tokens = kept(written, haproxy_token)
    port = loopback.free_port()
    rules = "".join(
        f"{_ANSWER.format(token=token)} if {{ path /{index} }}\n"
        for index, token in enumerate(tokens.values())
    )

    with servers.haproxy(
        tmp_path_factory.mktemp("haproxy"),
        _HAPROXY.format(port=port) + rules,
        ports=[port],
    ):
        assert list(tokens) == _answers(port, len(tokens))


@pytest.mark.parametrize("text", ["", "a\nb", "\x00", "$x", "x" * 5000, "\ud800"])
def test_what_neither_can_hold_is_refused(text: str) -> None:
    for write in (nginx_token, haproxy_token):
        with pytest.raises(RenderError, match="cannot be written"):
            write(text)


@pytest.mark.parametrize("text", ["-f /etc/passwd", "--", "(x", "}", "it's"])
def test_haproxy_text_cannot_turn_into_a_flag_a_call_or_an_end(text: str) -> None:
    with pytest.raises(RenderError, match="cannot be written"):
        haproxy_token(text)
