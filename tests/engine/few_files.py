"""A machine that opens no more files for this program."""

from __future__ import annotations

import gc
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_more_files() -> Iterator[None]:
    """None beyond those that are open now; a file that is closed meanwhile makes room for another one."""
    gc.collect()  # what nobody holds any more would give files back in the middle
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as next_one:
        lowest = next_one.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
