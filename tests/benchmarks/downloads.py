"""Downloads against curl and aria2: `python -m tests.benchmarks.downloads --help`.

nginx, aria2 and curl must be installed. Every round runs every case; what is shown are medians and, for the ratios,
the range over the rounds. curl and aria2 neither hash nor sync: "curl, then sync" puts its file on the disk as well,
and "curl, sync, hash" does the same work as we do.
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
        return self.case("curl, then sync", lambda: _one_by_one(self._fetched, self._synced))

    def curl_sync_and_hash(self) -> Case:
        return self.case("curl, sync, hash", lambda: _one_by_one(self._fetched, self._synced, self._hashed))

    def curl_many(self, at_once: int) -> Case:
        """`curl -Z` with a list of addresses."""
        return self.case(f"curl -Z, {at_once}", lambda: self._fetched_many(at_once))

    def curl_many_sync_and_hash(self, at_once: int) -> Case:
        def run() -> Measured:
            return _one_by_one(lambda: self._fetched_many(at_once), self._synced, self._hashed)

        return self.case("curl -Z, sync, hash", run)

    def _fetched_many(self, at_once: int) -> Measured:
        listed = self.folder.with_suffix(".curl")
        lines = [f'url = "{self.base_url}/{file.name}"\noutput = "{self.folder / file.name}"' for file in self.files]
        listed.write_text("\n".join(lines))
        return command("curl", "-sS", "-Z", "--parallel-max", str(at_once), "-K", str(listed))

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

    def _fetched(self) -> Measured:
        return command(*self._curl())

    def _synced(self) -> Measured:
        return command("sync", *(str(self.folder / file.name) for file in self.files))

    def _hashed(self) -> Measured:
        with measured_here() as measured:
            for file in self.files:
                with (self.folder / file.name).open("rb") as written:
                    hashlib.file_digest(written, "sha256")
        return measured

    def _to(self) -> str:
        return str(self.folder / self.files[0].name)

    def _curl(self) -> tuple[str, ...]:
        url = f"{self.base_url}/{self.files[0].name}"
        return "curl", "-sS", "--cacert", str(self.nginx.ca_file), "-o", self._to(), url

    def _aria2(self) -> tuple[str, ...]:
        ca_file = f"--ca-certificate={self.nginx.ca_file}"
        return "aria2c", "-q", "--file-allocation=none", ca_file, "-d", str(self.folder)


def _one_by_one(*works: Callable[[], Measured]) -> Measured:
    """What all of them take, one after the other."""
    done = [work() for work in works]
    return Measured(sum(one.wall for one in done), sum(one.cpu for one in done))


def one_large_file(nginx: Nginx, folder: Path, rounds: int, base_url: str) -> None:
    """A large file as fast as the machine allows."""
    ground = Ground(nginx, base_url, [nginx.large], folder)
    cases = [ground.curl(), ground.curl_and_sync(), ground.curl_sync_and_hash(), ground.aria2(1), ground.aria2(8)]
    cases += [ground.hash_alone(), *(ground.ours(connections) for connections in (1, 4, 8))]
    scheme = base_url.partition(":")[0]
    results = in_turn(f"{nginx.large.size >> 20} MiB over {scheme}", cases, rounds, ground.megabytes)
    show(results, "curl", "curl, then sync", "curl, sync, hash", "aria2, 8")


def one_limited_file(nginx: Nginx, folder: Path, rounds: int) -> None:
    """A file of which each connection gets 20 MiB a second."""
    ground = Ground(nginx, f"{nginx.http}/limited", [nginx.medium], folder)
    cases = [ground.curl(), ground.aria2(8), ground.aria2(16), ground.ours(8), ground.ours(16)]
    results = in_turn("200 MiB, 20 MiB/s a connection", cases, rounds, ground.megabytes)
    show(results, "curl", "aria2, 8", "aria2, 16")


def many_small_files(nginx: Nginx, folder: Path, rounds: int) -> None:
    """2,000 files of 100 KiB, 16 at a time."""
    ground = Ground(nginx, nginx.http, nginx.small, folder)
    cases = [ground.curl_many(16), ground.curl_many_sync_and_hash(16), ground.aria2_many(16)]
    cases.append(ground.ours(4, at_once=16))
    results = in_turn("2,000 files of 100 KiB", cases, rounds, ground.megabytes)
    show(results, "curl -Z, 16", "curl -Z, sync, hash", "aria2 -j16")


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
