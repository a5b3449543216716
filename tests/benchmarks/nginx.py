"""nginx on 127.0.0.1 with files to fetch: as fast as it can, over TLS, and with a limit for each connection."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import trustme

LIMITED = 20
"""MiB a second that one connection gets under `/limited/`. nginx counts by whole seconds: what is asked for in pieces
smaller than this comes unhindered, so that more connections than 1 may look better than they are."""
GIGABIT_FILES = 4
_OF_A_GIGABIT = 30
"""MiB a second for each of so many files under `/gigabit/`; every name there is the large file."""
SMALL_FILES, SMALL_BYTES = 2000, 100 * 1024
_CONFIG = """
user {user};
worker_processes 2;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  client_body_temp_path {home}/t; proxy_temp_path {home}/t; fastcgi_temp_path {home}/t;
  uwsgi_temp_path {home}/t; scgi_temp_path {home}/t;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {home}/server.pem;
    ssl_certificate_key {home}/server.pem;
    root {home}/www;
    location /limited/ {{ alias {home}/www/; limit_rate {limited}m; }}
    location /gigabit/ {{ rewrite ^ /large.bin break; limit_rate {gigabit}m; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is served."""

    name: str
    size: int


class Nginx:
    """The server; a context manager. `large` megabytes is the size of `large.bin`; `medium.bin` has 200 MiB."""

    def __init__(self, home: Path, large: int) -> None:
        """Write the files, nginx's configuration and a certificate of an authority of its own."""
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
        if program is None:
            raise SystemExit("needs nginx (Debian: nginx-light)")
        self._program = program
        self._home = home
        self.large = File("large.bin", large * 1024**2)
        self.medium = File("medium.bin", 200 * 1024**2)
        self.small = tuple(File(f"small-{number:04}.bin", SMALL_BYTES) for number in range(SMALL_FILES))
        self.www = home / "www"
        self.www.mkdir()
        for file in (self.large, self.medium, *self.small):
            _fill(self.www / file.name, file.size)
        authority = trustme.CA()
        self.ca_file = home / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(home / "server.pem"))
        self._plain, self._tls = _free_port(), _free_port()
        self.http, self.https = f"http://127.0.0.1:{self._plain}", f"https://127.0.0.1:{self._tls}"

    def __enter__(self) -> Self:
        user = "root" if os.geteuid() == 0 else "nobody"
        ports = {"plain": self._plain, "tls": self._tls}
        config = _CONFIG.format(user=user, home=self._home, **ports, limited=LIMITED, gigabit=_OF_A_GIGABIT)
        (self._home / "nginx.conf").write_text(config)
        words = (self._program, "-p", str(self._home), "-c", str(self._home / "nginx.conf"), "-g", "daemon off;")
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if self._answers():
                return self
            time.sleep(0.05)
        self.__exit__()
        raise SystemExit(f"nginx does not answer: {(self._home / 'error.log').read_text()}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._plain), 1).close()
        except OSError:
            return False
        return True


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        while size > 0:
            size -= file.write(os.urandom(min(size, 1024**2)))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
