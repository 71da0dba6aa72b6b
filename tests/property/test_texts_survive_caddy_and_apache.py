"""Law: a text written for Caddy or Apache arrives as it is, or is refused.

The real program says back what it read, so that nothing can hide in a token.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given

from kubelb_gen.errors import RenderError
from kubelb_gen.render.grammar import apache_token, caddy_token
from tests.support import loopback, servers
from tests.support.token_texts import few, kept, texts

pytestmark = pytest.mark.property

_TRAPS = (
    *("a b", "x;y", "x{y", "}", "{", "#x", "a#b", 'a"b', "a\\", "\\", "\\n", '\\"'),
    *(
        "'",
        "`",
        "`a b`",
        "{$HOME}",
        "{env.HOME}",
        "{path}",
        "%{REMOTE_ADDR}",
        "%",
        "$1",
    ),
    *("${HOME}", "<x>", "</Location>", "@x", "*", "/*", "!x", "(x)", "a,b", "//", "~"),
    *("😀", "ünï", "\u00a0", "\u200b", "{{ 7 * 7 }}", "{% raw %}", "no", "1e3", "--"),
    *("a\nrespond 500", "a\r\nb", "\x00", "\x7f", "\t", "", "x" * 2000, "import x"),
    *("<<X", "expr=x", "\\\\", "&#x41;", "x\\", "a=b", "[x]", "?", "|", "unset"),
)
_APACHE = """\
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule alias_module modules/mod_alias.so
LoadModule headers_module modules/mod_headers.so
ServerName localhost
User www-data
Group www-data
ErrorLog /dev/stderr
Listen 127.0.0.1:{port}
"""
_PLACE = """\
<Location "/{index}">
    Redirect 410
    Header always set X-Text "{token}"
</Location>
"""
_TEXTS = texts(_TRAPS)


@few
@given(_TEXTS)
@example(list(_TRAPS))
def test_caddy_reads_the_text_that_was_meant(
    tmp_path_factory: pytest.TempPathFactory, written: list[str]
) -> None:
    tokens = kept(written, caddy_token)
    port = loopback.free_port()
    places = "".join(
        f"\trespond /{index} {token} 200\n"
        for index, token in enumerate(tokens.values())
    )
    config = f"{{\n\tadmin off\n}}\nhttp://:{port} {{\n{places}}}\n"

    folder = tmp_path_factory.mktemp("caddy")
    with servers.caddy(folder, config, ports=[port]):
        for index, text in enumerate(tokens):
            assert text == loopback.request(port, path=f"/{index}").body.decode()


@few
@given(_TEXTS)
@example(list(_TRAPS))
def test_apache_reads_the_text_that_was_meant(
    tmp_path_factory: pytest.TempPathFactory, written: list[str]
) -> None:
    tokens = kept(written, apache_token)
    # Apache trims what a header begins and ends with; in our files nothing is one.
    tokens = {text: token for text, token in tokens.items() if text == text.strip()}
    port = loopback.free_port()
    places = "".join(
        _PLACE.format(index=index, token=token)
        for index, token in enumerate(tokens.values())
        if not token.startswith("expr=")
    )

    folder = tmp_path_factory.mktemp("apache")
    with servers.apache(folder, _APACHE.format(port=port) + places, ports=[port]):
        for index, text in enumerate(tokens):
            if text.startswith("expr="):
                continue
            answer = loopback.request(port, path=f"/{index}")
            told = dict(answer.headers)["X-Text"]
            assert text == told.encode("latin-1").decode()


@pytest.mark.parametrize("text", ["", "a\nb", "\x00", "$x", "x" * 5000, "\ud800", "\\"])
def test_what_neither_can_hold_is_refused(text: str) -> None:
    for write in (caddy_token, apache_token):
        with pytest.raises(RenderError, match="cannot be written"):
            write(text)


@pytest.mark.parametrize("text", ["{env.HOME}", "{$HOME}", "*", "`x`"])
def test_caddy_text_cannot_turn_into_a_placeholder_or_a_pattern(text: str) -> None:
    with pytest.raises(RenderError, match="cannot be written"):
        caddy_token(text)


@pytest.mark.parametrize("text", ["%{REMOTE_ADDR}", "${HOME}", "'", '"'])
def test_apache_text_cannot_turn_into_a_variable_or_an_end(text: str) -> None:
    with pytest.raises(RenderError, match="cannot be written"):
        apache_token(text)
