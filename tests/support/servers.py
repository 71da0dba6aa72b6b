"""Real data planes, started with a configuration in a folder of their own.

A configuration that the program refuses fails with the program's own words.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support import programs
from tests.support.loopback import running

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.support.loopback import Running

# The wheel's NGINX drops to nobody, who may not write below pytest's folders.
_NGINX_MAIN = """\
user root;
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr {log_level};
events {{ worker_connections 64; }}
"""
_NGINX_HTTP = """\
http {{
    access_log access.log;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    include {folder}/*.http.conf;
}}
"""
_NGINX_STREAM = """\
stream {{
    include {folder}/*.stream.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a program says about a configuration."""

    accepted: bool
    output: str


def nginx_main(
    folder: Path,
    *,
    http: Iterable[str] = (),
    stream: Iterable[str] = (),
    log_level: str = "info",
) -> Path:
    """Write a main file that includes the fragments *http* and *stream*."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    text = _NGINX_MAIN.format(log_level=log_level)
    for mode, block, fragments in (
        ("http", _NGINX_HTTP, tuple(http)),
        ("stream", _NGINX_STREAM, tuple(stream)),
    ):
        for index, fragment in enumerate(fragments):
            (folder / f"{index}.{mode}.conf").write_text(fragment, encoding="utf-8")
        if fragments:
            text += block.format(folder=folder)
    main = folder / "nginx.conf"
    main.write_text(text, encoding="utf-8")
    return main


def nginx_command(main: Path, *options: str) -> list[str]:
    """How NGINX is called with the main file *main*."""
    return [
        str(programs.nginx()),
        "-e",
        "stderr",
        "-p",
        str(main.parent),
        "-c",
        str(main),
        *options,
    ]


def haproxy_command(config: Path, *options: str) -> list[str]:
    """How HAProxy is called, in the foreground, with *config*."""
    return [str(programs.haproxy()), "-db", "-f", str(config), *options]


def envoy_command(config: Path, *options: str) -> list[str]:
    """How Envoy is called with *config*, such that many run side by side."""
    return [
        str(programs.envoy()),
        "-c",
        str(config),
        "--concurrency",
        "1",
        "--disable-hot-restart",
        "--log-level",
        "warning",
        *options,
    ]


def caddy_command(config: Path, *options: str, action: str = "run") -> list[str]:
    """How Caddy is called with the Caddyfile *config*."""
    options = ("--adapter", "caddyfile", "--config", str(config), *options)
    return [str(programs.caddy()), action, *options]


def apache_command(config: Path, *options: str) -> list[str]:
    """How Apache is called with a whole *config*, whose modules it finds beside it."""
    modules = config.parent / "modules"
    if not modules.is_symlink():
        modules.symlink_to(programs.APACHE_MODULES)
    root = ("-d", str(config.parent), "-f", str(config))
    pid = ("-c", f"PidFile {config.parent}/pid", "-c", "ServerLimit 2")
    return [str(programs.apache()), *root, *pid, *options]


def traefik_command(static: Path) -> list[str]:
    """How Traefik is called with its static file."""
    return [str(programs.traefik()), f"--configFile={static}"]


def nginx_verdict(main: Path) -> Verdict:
    """What ``nginx -t`` says."""
    return _verdict(nginx_command(main, "-t"), main.parent)


def haproxy_verdict(config: Path) -> Verdict:
    """What ``haproxy -c -dW`` says: a warning refuses, too."""
    return _verdict(haproxy_command(config, "-c", "-dW"), config.parent)


def envoy_verdict(config: Path) -> Verdict:
    """What ``envoy --mode validate`` says."""
    # A bootstrap that names no node gets one on the command line, as KubeLB does.
    node = ("--service-node", "n", "--service-cluster", "c")
    return _verdict(envoy_command(config, "--mode", "validate", *node), config.parent)


def caddy_verdict(config: Path) -> Verdict:
    """What ``caddy validate`` says."""
    return _verdict(caddy_command(config, action="validate"), config.parent)


def apache_verdict(config: Path) -> Verdict:
    """What ``apache2 -t`` says."""
    return _verdict(apache_command(config, "-t"), config.parent)


@contextmanager
def nginx(
    folder: Path,
    *,
    ports: Iterable[int],
    http: Iterable[str] = (),
    stream: Iterable[str] = (),
    log_level: str = "info",
) -> Iterator[Running]:
    """NGINX with the fragments *http* and *stream*, its logs in *folder*."""
    main = nginx_main(folder, http=http, stream=stream, log_level=log_level)
    with running(nginx_command(main), folder=folder, ports=ports) as program:
        yield program


@contextmanager
def haproxy(folder: Path, config: str, *, ports: Iterable[int]) -> Iterator[Running]:
    """HAProxy with the text *config*."""
    path = _written(folder, "haproxy.cfg", config)
    with running(haproxy_command(path), folder=folder, ports=ports) as program:
        yield program


@contextmanager
def envoy(folder: Path, config: str, *, ports: Iterable[int]) -> Iterator[Running]:
    """Envoy with the bootstrap *config*, in YAML or JSON (which is YAML)."""
    path = _written(folder, "envoy.yaml", config)
    command = envoy_command(path)
    with running(command, folder=folder, ports=ports, timeout=30) as program:
        yield program


@contextmanager
def caddy(folder: Path, config: str, *, ports: Iterable[int]) -> Iterator[Running]:
    """Caddy with the Caddyfile *config*."""
    path = _written(folder, "Caddyfile", config)
    with running(caddy_command(path), folder=folder, ports=ports) as program:
        yield program


@contextmanager
def apache(folder: Path, config: str, *, ports: Iterable[int]) -> Iterator[Running]:
    """Apache with the whole configuration *config*, in the foreground."""
    path = _written(folder, "httpd.conf", config)
    command = apache_command(path, "-DFOREGROUND")
    with running(command, folder=folder, ports=ports) as program:
        yield program


@contextmanager
def traefik(
    folder: Path, static: str, dynamic: str, *, ports: Iterable[int]
) -> Iterator[Running]:
    """Traefik with both files; it serves 404 until it has read *dynamic*."""
    beside = str(_written(folder, "traefik.dynamic.yaml", dynamic))
    mounted = "/etc/traefik/traefik.dynamic.yaml"
    static = static.replace(mounted, beside)
    # It ends no sooner than this after its start: two seconds, unless told otherwise.
    hurried = 'providers:\n  providersThrottleDuration: "0.05s"\n'
    static = static.replace("providers:\n", hurried, 1)
    path = _written(folder, "traefik.static.yaml", static)
    with running(traefik_command(path), folder=folder, ports=ports) as program:
        yield program


@contextmanager
def backend(
    folder: Path, kind: str, files: Mapping[str, str], *, ports: Iterable[int]
) -> Iterator[Running]:
    """The program *kind* with the only *files*, by name, that it has."""
    texts = [files[name] for name in sorted(files, reverse=True)]
    programs_of = {"envoy": envoy, "haproxy": haproxy, "caddy": caddy, "apache": apache}
    if kind == "traefik":
        context = traefik(folder, texts[0], texts[1], ports=ports)
    else:
        context = programs_of[kind](folder, texts[0], ports=ports)
    with context as program:
        yield program


def _written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _verdict(command: Sequence[str], folder: Path) -> Verdict:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return Verdict(done.returncode == 0, done.stdout)
