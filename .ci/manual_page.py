"""What a build adds to the wheel: the manual page, made from the same words as `--help`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PLACE = "share/man/man1/jobdeck.1"


class ManualPage(BuildHookInterface[Any]):
    """Puts the page where `man` looks for it once the wheel is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's
        """Write the page for this build; what it is made of needs nothing but Python."""
        sys.path.insert(0, self.root)
        try:
            from tui.cli.manual import page  # noqa: PLC0415  # found below the root of the build
            from tui.cli.parser import make_parser  # noqa: PLC0415
        finally:
            sys.path.remove(self.root)
        self._folder = TemporaryDirectory()
        file = Path(self._folder.name, "jobdeck.1")
        file.write_text("\n".join(page(make_parser())) + "\n", "utf-8")
        build_data["shared_data"][str(file)] = _PLACE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """It is in the wheel: the file is not needed any more."""
        self._folder.cleanup()
