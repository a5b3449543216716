"""`python -m tui` and the `jobdeck` command."""

from __future__ import annotations

import sys

from tui.cli.main import run


def main() -> None:
    """Run the command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
