from __future__ import annotations

import pytest

from kubelb_gen.probe.protocols import polite_reply, understand

# 5.5.5-10.11 greets; error 1156 is "Got packets out of order".
MYSQL = b"\x10\0\0\0\x0a5.5.5-10.11\0\0\0\0"
MYSQL_ERROR = b"\x0c\0\0\0\xff\x84\x04#08S01Got"
KEXINIT = b"\0\0\x04\x0c\x0a\x14" + b"k" * 40


@pytest.mark.parametrize(
    ("greeting", "answer", "still_open", "protocol", "complaint"),
    [
        (b"", b"HTTP/1.1 200 OK\r\n\r\n", False, "http", False),
        (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "http", True),
        (b"", b"\x15\x03\x03\0\x02\x02F", False, "tls", True),
        (b"220 mx ESMTP\r\n", b"221 Bye\r\n", False, "smtp", False),
        (b"220 mx ESMTP\r\n", b"500 what\r\n221 Bye\r\n", False, "smtp", True),
        (b"554 no SMTP here\r\n", b"", False, "smtp", True),
        (b"220 ProFTPD\r\n", b"221 Goodbye.\r\n", False, "ftp", False),
        (b"+OK ready\r\n", b"+OK bye\r\n", False, "pop3", False),
        (b"+OK ready\r\n", b"-ERR what\r\n", False, "pop3", True),
        (b"* OK ready\r\n", b"* BYE\r\na OK\r\n", False, "imap", False),
        (b"* OK ready\r\n", b"* BAD what\r\n", False, "imap", True),
        (b"SSH-2.0-OpenSSH_9.6\r\n", KEXINIT, True, "ssh", False),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"Invalid SSH identification string.\r\n",
            False,
            "ssh",
            True,
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", b"", True, "ssh", True),
        (MYSQL, b"", True, "mysql", False),
        (MYSQL, b"", False, "mysql", True),
        (MYSQL, MYSQL_ERROR, True, "mysql", True),
        (MYSQL_ERROR, b"", False, "mysql", True),
        (b"", b"-ERR wrong number of arguments\r\n", False, "redis", False),
        (b"", b"\xff\xfe\0", True, "unknown", False),
        (b"", b"\n", True, "unknown", False),
    ],
)
def test_a_server_is_known_by_its_words_and_complaints_by_theirs(
    greeting: bytes, answer: bytes, still_open: bool, protocol: str, complaint: bool
) -> None:
    words = understand(greeting, answer, still_open=still_open)

    assert (protocol, complaint) == (words.protocol, words.complaint)


def test_nginx_tells_that_it_wanted_tls() -> None:
    page = (
        b"HTTP/1.1 400 Bad Request\r\n\r\n"
        b"<center>The plain HTTP request was sent to HTTPS port</center>"
    )

    assert understand(b"", page, still_open=False).wants_tls


def test_lines_that_differ_in_numbers_alone_have_one_gist() -> None:
    first = understand(b"", b"VERSION 1.6.9 at 12:01\r\n", still_open=True)
    second = understand(b"", b"VERSION 1.6.9 at 13:55\r\nmore", still_open=True)
    other = understand(b"", b"ERROR\r\n", still_open=True)

    assert first.gist == second.gist
    assert first.gist != other.gist


@pytest.mark.parametrize(
    ("greeting", "reply"),
    [
        (b"220 mx ESMTP\r\n", b"QUIT\r\n"),
        (b"+OK\r\n", b"QUIT\r\n"),
        (b"* OK\r\n", b"a LOGOUT\r\n"),
        (MYSQL, b""),
        (b"hello\r\n", b""),
    ],
)
def test_a_greeting_is_answered_in_its_own_protocol(
    greeting: bytes, reply: bytes
) -> None:
    assert reply == polite_reply(greeting)
