"""Downloads against curl and aria2: `python -m tests.benchmarks.downloads --help`.

nginx, aria2 and curl must be installed. Every round runs every case; what is shown are medians and, for the ratios,
the range over the rounds. curl and aria2 neither hash nor sync; "curl, then sync" puts its file on the disk as well.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.keys import key_latency
from tests.benchmarks.measure import Case, Measured, command, in_turn, measured_here, show
from tests.benchmarks.nginx import File, Nginx
from tests.benchmarks.our_side import Wish, fetch


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the cases fetch from and to."""

    nginx: Nginx
    base_url: str
    files: Sequence[File]
    folder: Path

    @property
    def megabytes(self) -> float:
        return sum(file.size for file in self.files) / 1e6

    def case(self, name: str, run: Callable[[], Measured]) -> Case:
        return Case(name, run, self._clear, self._check)

    def _clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def _check(self) -> None:
        for file in self.files:
            if not filecmp.cmp(self.nginx.www / file.name, self.folder / file.name, shallow=False):
                raise SystemExit(f"{file.name} is not the file that nginx has")

    def curl(self) -> Case:
        return self.case("curl", lambda: command(*self._curl()))

    def curl_and_sync(self) -> Case:
        def run() -> Measured:
            fetched, synced = command(*self._curl()), command("sync", self._to())
            return Measured(fetched.wall + synced.wall, fetched.cpu + synced.cpu)

        return self.case("curl, then sync", run)

    def curl_many(self, at_once: int) -> Case:
        """`curl -Z` with a list of addresses."""
        listed = self.folder.with_suffix(".curl")
        lines = [f'url = "{self.base_url}/{file.name}"\noutput = "{self.folder / file.name}"' for file in self.files]
        listed.write_text("\n".join(lines))
        words = ("curl", "-sS", "-Z", "--parallel-max", str(at_once), "-K", str(listed))
        return self.case(f"curl -Z, {at_once}", lambda: command(*words))

    def aria2(self, connections: int) -> Case:
        """One file over so many connections."""
        words = (f"-x{connections}", f"-s{connections}", "-k1M", f"{self.base_url}/{self.files[0].name}")
        return self.case(f"aria2, {connections}", lambda: command(*self._aria2(), *words))

    def aria2_many(self, at_once: int) -> Case:
        """Many files at once."""
        listed = self.folder.with_suffix(".aria2")
        listed.write_text("\n".join(f"{self.base_url}/{file.name}" for file in self.files))
        return self.case(f"aria2 -j{at_once}", lambda: command(*self._aria2(), f"-j{at_once}", f"-i{listed}"))

    def ours(self, connections: int, at_once: int = 1) -> Case:
        wish = Wish(self.base_url, self.files, self.folder, self.nginx.ca_file, connections, at_once)
        name = f"jobdeck, {connections}" if at_once == 1 else f"jobdeck, {at_once} files"
        return self.case(name, lambda: fetch(wish))

    def hash_alone(self) -> Case:
        """What the hash costs, which is in our figures and not in theirs; nothing is fetched."""

        def run() -> Measured:
            with measured_here() as measured, (self.nginx.www / self.files[0].name).open("rb") as file:
                hashlib.file_digest(file, "sha256")
            return measured

        return Case("SHA-256 alone", run)

    def _to(self) -> str:
        return str(self.folder / self.files[0].name)

    def _curl(self) -> tuple[str, ...]:
        url = f"{self.base_url}/{self.files[0].name}"
        return "curl", "-sS", "--cacert", str(self.nginx.ca_file), "-o", self._to(), url

    def _aria2(self) -> tuple[str, ...]:
        ca_file = f"--ca-certificate={self.nginx.ca_file}"
        return "aria2c", "-q", "--file-allocation=none", ca_file, "-d", str(self.folder)


def one_large_file(nginx: Nginx, folder: Path, rounds: int, base_url: str) -> None:
    """A large file as fast as the machine allows."""
    ground = Ground(nginx, base_url, [nginx.large], folder)
    cases = [ground.curl(), ground.curl_and_sync(), ground.aria2(1), ground.aria2(8)]
    cases += [ground.hash_alone(), *(ground.ours(connections) for connections in (1, 4, 8))]
    scheme = base_url.partition(":")[0]
    results = in_turn(f"{nginx.large.size >> 20} MiB over {scheme}", cases, rounds, ground.megabytes)
    show(results, "curl", "curl, then sync", "aria2, 8")


def one_limited_file(nginx: Nginx, folder: Path, rounds: int) -> None:
    """A file of which each connection gets 20 MiB a second."""
    ground = Ground(nginx, f"{nginx.http}/limited", [nginx.medium], folder)
    cases = [ground.curl(), ground.aria2(8), ground.aria2(16), ground.ours(8), ground.ours(16)]
    results = in_turn("200 MiB, 20 MiB/s a connection", cases, rounds, ground.megabytes)
    show(results, "curl", "aria2, 8", "aria2, 16")


def many_small_files(nginx: Nginx, folder: Path, rounds: int) -> None:
    """2,000 files of 100 KiB, 16 at a time."""
    ground = Ground(nginx, nginx.http, nginx.small, folder)
    cases = [ground.curl_many(16), ground.aria2_many(16), ground.ours(4, at_once=16)]
    show(in_turn("2,000 files of 100 KiB", cases, rounds, ground.megabytes), "curl -Z, 16")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=1024, help="MiB of the large file")
    parser.add_argument("--to", type=Path, help="where the files go; a folder in memory leaves the disk out")
    names = ("http", "https", "limited", "small", "keys")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory(dir=options.to) as to:
        folder = Path(to, "got")
        with Nginx(Path(home), options.size) as nginx:
            benchmarks: dict[str, Callable[[], None]] = {
                "http": lambda: one_large_file(nginx, folder, options.rounds, nginx.http),
                "https": lambda: one_large_file(nginx, folder, options.rounds, nginx.https),
                "limited": lambda: one_limited_file(nginx, folder, options.rounds),
                "small": lambda: many_small_files(nginx, folder, options.rounds),
                "keys": lambda: key_latency(nginx, folder, options.rounds),
            }
            for name in options.only:
                benchmarks[name]()


if __name__ == "__main__":
    main()
