"""The attacker's story, and that its commands send what they say."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import replace

import pytest

from kubelb_gen.report.forge import command, forge
from kubelb_gen.report.ports import TracedPort
from kubelb_gen.trace import LiePlace, Origin, Path
from tests.support.paths import BROKEN, CHECK, PRESERVED, behind_edge, lie
from tests.support.proxy_protocol import v1, v2

V1, V2 = LiePlace.PROXY_V1, LiePlace.PROXY_V2
LIAR = ("203.0.113.66", 40000)
LIAR6 = ("2001:db8::66", 40000)
SHELLS = [name for name in ("bash", "dash", "sh") if shutil.which(name)]


def sent(path: Path, place: LiePlace, shell: str = "sh") -> bytes:
    """What the command for a lie writes into its pipe."""
    line = command(path, lie(place))
    assert " | nc " in line
    return subprocess.run(
        [shell, "-c", line.rpartition(" | nc ")[0]], capture_output=True, check=True
    ).stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_writes_the_bytes_of_a_proxy_header(shell: str) -> None:
    dialled = ("192.0.2.1", 5000)

    assert v1(LIAR, dialled) == sent(PRESERVED, V1, shell)
    assert v2(LIAR, dialled) == sent(PRESERVED, V2, shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_over_ipv6_the_header_names_ipv6_addresses(shell: str) -> None:
    path = replace(PRESERVED, source=Origin.INTERNET_IPV6)
    dialled = ("2001:db8::1", 5000)

    assert v1(LIAR6, dialled) == sent(path, V1, shell)
    assert v2(LIAR6, dialled) == sent(path, V2, shell)


def test_over_udp_the_header_names_datagrams() -> None:
    path = replace(PRESERVED, protocol="UDP")

    # 0x12 is UDP over IPv4 (proxy-protocol.txt, section 2.2).
    assert 0x12 == sent(path, V2)[13]
    assert command(path, lie(V2)).endswith("| nc -u -w 3 HOST 5000")


def test_in_front_of_an_edge_the_header_has_a_request_behind_it() -> None:
    header, request = v1(LIAR, ("192.0.2.1", 80)), b"GET / HTTP/1.1\r\nHost: HOST\r\n"

    assert sent(behind_edge(), V1).startswith(header + request)
    assert sent(behind_edge(), V1).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("path", "entries", "line"),
    [
        (
            behind_edge(),
            1,
            "curl -H 'X-Forwarded-For: 203.0.113.66' http://HOST/",
        ),
        (
            behind_edge(),
            2,
            "curl -H 'X-Forwarded-For: 203.0.113.66, 203.0.113.66' http://HOST/",
        ),
        (
            behind_edge(source=Origin.INTERNET_IPV6),
            1,
            "curl -6 -H 'X-Forwarded-For: 2001:db8::66' http://HOST/",
        ),
        (
            behind_edge(source=Origin.CLUSTER_SERVICE_IP, port=8080),
            1,
            "curl -H 'X-Forwarded-For: 203.0.113.66' http://web.default.svc:8080/",
        ),
        (
            PRESERVED,
            1,
            "curl -H 'X-Forwarded-For: 203.0.113.66' http://HOST:5000/",
        ),
    ],
)
def test_a_header_is_sent_with_curl(path: Path, entries: int, line: str) -> None:
    told = lie(LiePlace.FORWARDED_FOR, entries=entries)

    assert line == command(path, told)


def test_a_plain_caller_dials_the_plain_service() -> None:
    path = replace(PRESERVED, source=Origin.CLUSTER_SERVICE_IP, plain=True)

    assert command(path, lie(V1)).endswith("| nc -w 3 web-plain.default.svc 5000")


def test_who_goes_around_the_proxies_dials_the_edge_itself() -> None:
    told = lie(LiePlace.REAL_IP, past_proxies=True)

    assert (
        "curl --connect-to ::EDGE: -H 'X-Real-IP: 203.0.113.66' http://HOST/"
    ) == command(behind_edge(), told)
    assert " | nc -w 3 EDGE 80" in command(behind_edge(), lie(V1, past_proxies=True))


def test_a_header_that_the_spec_names_cannot_leave_its_quotes() -> None:
    told = lie(LiePlace.OTHER_HEADER, header="X'; reboot; '")
    words = shlex.split(command(behind_edge(), told))

    assert ["curl", "-H", "X'; reboot; ': 203.0.113.66", "http://HOST/"] == words


def test_the_story_says_what_is_written_and_where_it_ends() -> None:
    lies = (
        lie(LiePlace.FORWARDED_FOR, believed=True, fate="the first entry is read"),
        lie(V1, hop="edge", fate="garbage", past_proxies=True),
    )
    path = behind_edge(lies=lies)
    lines = forge(TracedPort(main=path, others=())).splitlines()

    assert lines[0] == "forge from internet-ipv4: 2 lies, 1 believed"
    assert lines[1:3] == [
        "  X-Forwarded-For: BELIEVED at backend",
        "    the first entry is read",
    ]
    assert lines[4:6] == [
        "  proxy-protocol-v1, sent straight to the edge: dropped at edge",
        "    garbage",
    ]
    assert all(re.match(r"    \$ (curl|printf) ", lines[each]) for each in (3, 6))


def test_of_other_ways_in_only_what_succeeds_is_told_in_full() -> None:
    other = replace(BROKEN, lies=(lie(V1), lie(V2, believed=True)))
    port = TracedPort(main=replace(PRESERVED, lies=(lie(V1),)), others=(other, CHECK))
    lines = forge(port).splitlines()

    assert "forge from cluster-service-ip: 2 lies, 1 believed" == lines[4]
    assert "  proxy-protocol-v2: BELIEVED at backend" == lines[5]
    assert 8 == len(lines)
