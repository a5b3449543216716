"""`python -m tui` and the `jobdeck` command."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        from tui.cli.main import run  # noqa: PLC0415  # Ctrl-C while it is loaded is no error to be traced

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
