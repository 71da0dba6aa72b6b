"""A certificate for test.example that signs itself, made for these tests alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import Tls

if TYPE_CHECKING:
    from pathlib import Path

_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUYaHN4lLWOjaYXgbuO/95zoXBzM4wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMdGVzdC5leGFtcGxlMCAXDTI2MTEyMzAzMjcxN1oYDzIxMjYx
MDMwMDMyNzE3WjAXMRUwEwYDVQQDDAx0ZXN0LmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASfN/YL1kv+2SP0tz4lfmXtbKRrttwEcNIWwrrpJMcpnFtp
IvyoiH7EafixusgLMvv+zlFZOF086NYs4PrMw/zTo2wwajAdBgNVHQ4EFgQUyit9
FCOdvMMipTk8CXjmX5I1e2IwHwYDVR0jBBgwFoAUyit9FCOdvMMipTk8CXjmX5I1
e2IwDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggx0ZXN0LmV4YW1wbGUwCgYI
KoZIzj0EAwIDSAAwRQIhAOYU62iVwcjDeNnEhjXAiHV9CmiaDcieKTiU7h7sGwW2
AiAIighvXYOBlhcu6jiKToYjHQvMa3k6hl4hfgWDQhXcIA==
-----END CERTIFICATE-----
"""
_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg99pr2kVCSzm+nCEn
KO2Jg0VDsFBplrQFvoBpnB1NbKKhRANCAASfN/YL1kv+2SP0tz4lfmXtbKRrttwE
cNIWwrrpJMcpnFtpIvyoiH7EafixusgLMvv+zlFZOF086NYs4PrMw/zT
-----END PRIVATE KEY-----
"""


def certificate(folder: Path) -> Tls:
    """The files of the certificate, in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    chain, key = folder / "tls.crt", folder / "tls.key"
    chain.write_text(_CERTIFICATE, encoding="ascii")
    key.write_text(_KEY, encoding="ascii")
    return Tls(certificate=str(chain), key=str(key))
