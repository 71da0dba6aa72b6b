"""Applications in real frameworks, each with snippets that find the client.

Of each framework one program runs, with a path for each way of reading; it answers
with the address that it takes for the client.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.loopback import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPRESS = Path(__file__).parent / "express"
_WSGI = """\
import {modules}

def answer(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REMOTE_ADDR"].encode()]

APPS = {{f"/{{each.__name__}}": each.ClientAddress(answer) for each in ({modules},)}}

def app(environ, start_response):
    return APPS[environ["PATH_INFO"]](environ, start_response)
"""
_ASGI = """\
import {modules}

async def answer(scope, receive, send):
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": scope["client"][0].encode()}})

APPS = {{f"/{{each.__name__}}": each.ClientAddress(answer) for each in ({modules},)}}

async def app(scope, receive, send):
    await APPS[scope["path"]](scope, receive, send)
"""
_DJANGO = """\
import {modules}
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

def chosen(get_response):
    own = {{f"/{{each.__name__}}": each.client_address(get_response)
           for each in ({modules},)}}
    return lambda request: own[request.path](request)

def answer(request, way):
    return HttpResponse(request.META["REMOTE_ADDR"])

urlpatterns = [path("<way>", answer)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="k",
                   MIDDLEWARE=[f"{{__name__}}.chosen"])
app = get_wsgi_application()
"""
_NODE = """\
const express = require("express");
const main = express();
for (const [name, setUp] of Object.entries({{{functions}}})) {{
  const app = express();
  setUp(app);
  app.use((req, res) => res.send(req.ip));
  main.use("/" + name, app);
}}
main.listen({port}, "::");
"""
_GO = """\
package main

import (
	"net"
	"net/http"
{imports}
)

func main() {{
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {{
		address, _, _ := net.SplitHostPort(r.RemoteAddr)
		w.Write([]byte(address))
	}})
{routes}
	panic(http.ListenAndServe(":{port}", nil))
}}
"""


@contextmanager
def serving(framework: str, folder: Path, codes: Mapping[str, str]) -> Iterator[int]:
    """The port of a program that has each of *codes* below the path of its name."""
    port = free_port()
    command, environment = _COMMANDS[framework](folder, codes, port)
    command = ["/usr/bin/env", *environment, *command]
    with running(command, folder=folder, ports=[port], timeout=30):
        yield port


def _python(
    text: str, folder: Path, codes: Mapping[str, str], *words: str
) -> tuple[list[str], list[str]]:
    for name, code in codes.items():
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    main = text.format(modules=", ".join(codes))
    (folder / "main.py").write_text(main, encoding="utf-8")
    return [sys.executable, "-m", *words, "main:app"], []


def _gunicorn(
    folder: Path, codes: Mapping[str, str], port: int, text: str = _WSGI
) -> tuple[list[str], list[str]]:
    pytest.importorskip("gunicorn", reason="gunicorn is not installed (extra: test)")
    own = f"--worker-tmp-dir={folder}"
    return _python(text, folder, codes, "gunicorn", own, f"--bind=127.0.0.1:{port}")


def _django(
    folder: Path, codes: Mapping[str, str], port: int
) -> tuple[list[str], list[str]]:
    pytest.importorskip("django", reason="Django is not installed (extra: test)")
    return _gunicorn(folder, codes, port, _DJANGO)


def _uvicorn(
    folder: Path, codes: Mapping[str, str], port: int
) -> tuple[list[str], list[str]]:
    pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra: test)")
    words = ("uvicorn", "--no-proxy-headers", "--host=127.0.0.1", f"--port={port}")
    return _python(_ASGI, folder, codes, *words)


def _express(
    folder: Path, codes: Mapping[str, str], port: int
) -> tuple[list[str], list[str]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    if not (_EXPRESS / "node_modules" / "express").is_dir():
        pytest.skip(f"no Express here (npm ci --prefix {_EXPRESS})")
    (folder / "node_modules").symlink_to(_EXPRESS / "node_modules")
    functions = ",\n".join(f"{each}(app) {{\n{code}}}" for each, code in codes.items())
    text = _NODE.format(functions=functions, port=port)
    (folder / "main.js").write_text(text, encoding="utf-8")
    return [node, "main.js"], []


def _go(
    folder: Path, codes: Mapping[str, str], port: int
) -> tuple[list[str], list[str]]:
    go = shutil.which("go")
    if go is None:
        pytest.skip("no go here")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    if "CI" not in os.environ and _is_cold(go, environment):
        pytest.skip("a minute to build net/http: CGO_ENABLED=0 go build net/http")
    for name, code in codes.items():
        (folder / name).mkdir()
        text = code.replace("package main", f"package {name}")
        (folder / name / "client.go").write_text(text, encoding="utf-8")
    imports = "\n".join(f'\t"snippets/{each}"' for each in codes)
    routes = "\n".join(
        f'\thttp.Handle("/{each}", {each}.ClientAddress(answer))' for each in codes
    )
    main = _GO.format(imports=imports, routes=routes, port=port)
    (folder / "main.go").write_text(main, encoding="utf-8")
    (folder / "go.mod").write_text("module snippets\n\ngo 1.21\n", encoding="utf-8")
    subprocess.run(
        [go, "build", "-o", "program", "."],
        cwd=folder,
        env=environment,
        check=True,
    )
    return [str(folder / "program")], []


def _is_cold(go: str, environment: Mapping[str, str]) -> bool:
    asked = subprocess.run(
        [go, "list", "-f", "{{.Stale}}", "net/http"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.strip() == "true"


_COMMANDS = {
    "django": _django,
    "express": _express,
    "go": _go,
    "gunicorn": _gunicorn,
    "uvicorn": _uvicorn,
}
FRAMEWORKS = tuple(_COMMANDS)
