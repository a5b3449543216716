"""Why an action that the engine is not asked about cannot be done now: for each word of the footer, so cheap."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.screens.captions import Captioned

_NO_JOB = "there is no job"
_FOLDED = "this is a folded group; unfold it"
LOOKED_AT = 100
"""The footer checks so many marked jobs; with more it takes for granted that the action can be done."""


class Reasons:
    """The reasons by the actions' names."""

    def __init__(self, screen: Captioned) -> None:
        self._screen = screen
        self._rules: Mapping[str, Callable[[], str | None]] = {
            "start": self._start,
            "lately": self._lately,
            "alert": self._alert,
            "copy": self._no_current,
            "pause_connection": self._no_current,
            "undo": lambda: None if screen.wishes.can_undo else "there is nothing to bring back",
            "secret": lambda: None if screen.desk.refused else "no connection waits for one",
            "demo": lambda: "there are connections here: run jobdeck --demo" if screen.desk.connections else None,
        }

    @property
    def no_job(self) -> str:
        """Why what is done with jobs cannot be done where the cursor stands on none."""
        return _FOLDED if self._screen.table.folded_group else _NO_JOB

    def why_not(self, name: str) -> str | None:
        """Why the action cannot be done; None when it can."""
        rule = self._rules.get(name)
        return rule() if rule else None

    def _start(self) -> str | None:
        if self._screen.wishes.why_no_change:
            return self._screen.wishes.why_no_change
        has_taker = any(offer.form for offer in self._screen.door.offers())
        return None if has_taker else "no connection takes orders from here"

    def _lately(self) -> str | None:
        has_list = any(offer.discover for offer in self._screen.door.offers())
        return None if has_list else "no connection has a list of what ran"

    def _alert(self) -> str | None:
        targets = self._screen.table.targets(LOOKED_AT)
        if not targets:
            return self.no_job
        return None if any(job.alert or not job.state.is_over for job in targets) else "the job is over"

    def _no_current(self) -> str | None:
        return None if self._screen.current else self.no_job
