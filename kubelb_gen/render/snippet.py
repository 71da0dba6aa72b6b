"""Code that finds the client in an application, for a framework of its owner's choice.

Each file reads the header of known peers alone, and counts or walks it from the right:
what stands at the left is whatever the client wrote.

Manuals: Django "Middleware"; PEP 3333; ASGI "HTTP & WebSocket"; Express "Behind
proxies"; Go net/http, net/netip; Rails "Rails on Rack"; Spring Boot "Running Behind a
Front-end Proxy Server".  Run: Django 5.2, gunicorn 27, uvicorn 0.54, Express 5.2, Go
1.26, Rails 6.1, Spring Boot 3.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.plan.applications import Application

# The file of each framework, as its template is called.
FRAMEWORKS: Mapping[str, str] = {
    "django": "django.py",
    "express": "express.js",
    "go": "go.go",
    "gunicorn": "gunicorn.py",
    "rails": "rails.rb",
    "spring-boot": "spring-boot.java",
    "uvicorn": "uvicorn.py",
}


def snippet(framework: str, application: Application) -> str:
    """Return the code for *framework*, a key of `FRAMEWORKS`.

    Raises `RenderError` where a value cannot be written into a text of its language,
    and where no peer is known that may be believed.
    """
    if not application.peers:
        raise RenderError(_nobody(application))
    # Whoever asks for the list alone needs no Jinja.
    from kubelb_gen.render.engine import lay_out  # noqa: PLC0415

    peers = [str(each) for each in application.peers]
    ranges = [str(each) for each in application.ranges]
    return lay_out(
        f"snippet/{FRAMEWORKS[framework]}.j2",
        {
            "name": f"{application.tenant}/{application.namespace}/{application.name}",
            "header": application.header,
            "lower": application.header.lower(),
            # As CGI calls it, and after it WSGI and Rack.
            "meta_key": f"HTTP_{application.header.upper().replace('-', '_')}",
            "from_right": application.from_right,
            "peers": peers,
            "ranges": ranges,
            "known": [*peers, *ranges],
        },
    )


def _nobody(application: Application) -> str:
    name = f"{application.tenant}/{application.namespace}/{application.name}"
    return (
        f"code for '{name}' would believe nobody, since its peers are not known: say "
        f"'internalCIDRs' of tenant '{application.tenant}', or 'trustedCIDRs' of the "
        "backend"
    )
