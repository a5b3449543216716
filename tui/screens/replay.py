"""The board of a recording: the same board at a recorded moment, and the keys that move through the recording.

What would ask somebody or change something says that this is a recording.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from textual.binding import BindingType

from tui.engine.door import Door
from tui.engine.recording.player import Player
from tui.engine.recording.reader import Turn
from tui.engine.recording.refusing import WHY_NOT
from tui.screens.board import BoardScreen
from tui.screens.options import BoardOptions
from tui.screens.pace import Pace
from tui.screens.replay_time import TimeDialog
from tui.widgets.actions import BY_NAME, SPECS, Place, Spec, bindings
from tui.widgets.lines import Line, Tone, line
from tui.widgets.table import Left
from tui.widgets.words import clock_text, time_text

_LOOK_SECONDS = 0.25
"""How often it is looked whether the recording has gone on to something new."""
_FAR, _NEAR = timedelta(hours=1), timedelta(minutes=1)
_NOT_HERE = frozenset({
    "track", "download_finished", "outputs", "look_at_outputs", "start", "lately", "connections", "secret", "demo",
    "save_filter", "alert", "undo", "read_only", "pause_connection", "pause_download", "retry_download",
    "hurry_download", "stop_download",
})  # fmt: skip
"""What is done with vendors, connections and files, besides what the door is asked about."""


class ReplayScreen(BoardScreen):
    """The board while `player` plays; at the end of the recording it stands still."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.REPLAY)]

    places = frozenset(Place)

    def __init__(self, door: Door, options: BoardOptions, player: Player) -> None:
        super().__init__(door, options)
        self.player = player
        self._arriving = Pace(self._arrive, options.follow_seconds, player, self.set_timer)
        """While a key is held down, the moments that are leapt over are not painted."""
        self._moves: Mapping[str, Callable[[], None]] = {
            "replay_pause": lambda: player.pause(on=not player.is_paused),
            "replay_slower": lambda: player.use_speed(-1),
            "replay_faster": lambda: player.use_speed(1),
            "replay_back": lambda: player.go_to(player.now() - _NEAR),
            "replay_forward": lambda: player.go_to(player.now() + _NEAR),
            "replay_far_back": lambda: player.go_to(player.now() - _FAR),
            "replay_far_forward": lambda: player.go_to(player.now() + _FAR),
            "replay_at": self._ask_for_time,
            "replay_change": lambda: self._go_to_turn(player.next_turn()),
            "replay_failure": lambda: self._go_to_turn(player.next_turn(failed=True)),
        }
        self._was_at_end = False

    def on_mount(self) -> None:
        """Look again and again where the recording is."""
        self.set_interval(_LOOK_SECONDS, self.look)

    @property
    def badge(self) -> str:
        """Where in the recording the board is, and how it goes on."""
        player = self.player
        now, first, last = player.now(), player.recording.moments[0], player.recording.moments[-1]
        is_one_day = time_text(first)[:10] == time_text(last)[:10]
        shown = time_text(now)[11 if is_one_day else 5 :]
        if player.is_at_end:
            return f"replay {shown} at the end"
        part = int((now - first) / (last - first) * 100)
        return f"replay {shown} {part}% {player.speed:g}x{' paused' if player.is_paused else ''}"

    def look(self) -> None:
        """Show what is new by now; at the end, say so. Behind a dialog it waits: each repaint there sends all."""
        player = self.player
        if player.is_due and self.is_active:
            self.take_news()
        if player.is_at_end and not self._was_at_end:
            self.tick()
            ended = player.recording.ended
            self.wishes.say(f"here the recording ends: {ended}" if ended else "here the recording breaks off")
        self._was_at_end = player.is_at_end

    # ── actions ──

    def reason(self, spec: Spec) -> str | None:
        """See `BoardScreen`."""
        if spec.place is Place.REPLAY:
            return self._why_no_move(spec.name)
        return WHY_NOT if spec.name in _NOT_HERE else super().reason(spec)

    async def action_run(self, name: str) -> None:
        """See `BoardScreen`. Nothing of a recording is lost by leaving it: quitting asks nothing."""
        if name == "quit":
            self.app.exit(0)
        elif not self.is_active or (name not in self._moves and name not in _NOT_HERE):
            await super().action_run(name)
        elif reason := self.reason(BY_NAME[name]):
            self.wishes.say(f"{name.removeprefix('replay_')}: {reason}", wrong=True)
        else:
            self._moves[name]()
            self._arriving.wish()

    def _arrive(self) -> None:
        self.take_news()
        self.tick()

    def _ask_for_time(self) -> None:
        def chosen(moment: datetime | None) -> None:
            if moment is not None:
                self.player.go_to(moment)
                self._arriving.wish()

        moments = self.player.recording.moments
        self.app.push_screen(TimeDialog(self.player.now(), moments[0], moments[-1], self.glyphs), chosen)

    def _why_no_move(self, name: str) -> str | None:
        player = self.player
        if name in ("replay_back", "replay_far_back", "replay_at", "replay_slower", "replay_faster"):
            return None
        if name == "replay_change":
            return None if player.next_turn() else "no job changes any more in this recording"
        if name == "replay_failure":
            return None if player.next_turn(failed=True) else "no job fails any more in this recording"
        if player.is_at_end:
            key = self.keys.shown(BY_NAME["replay_back"])
            return f"the recording ends here; {key} goes back"
        return None

    def _go_to_turn(self, turn: Turn | None) -> None:
        """Stand still at the moment of a change, the cursor on its job."""
        if turn is None:
            return
        self.player.go_to_turn(turn)
        self.take_news()
        if self.table.reveal(turn.key):
            self.table.select(turn.key)
        self.app.clear_notifications()  # leaping from change to change would pile them up over the table
        self.wishes.say(f"{clock_text(turn.at)} {turn.title}: {turn.state}")

    def _footer_specs(self) -> list[Spec]:
        """The way through the recording, then what can be done here."""
        moves = [spec for spec in SPECS if spec.place is Place.REPLAY]
        others = [spec for spec in super()._footer_specs() if spec.asks is None and spec.name not in _NOT_HERE]
        return [*moves, *others]

    def _empty_lines(self) -> tuple[Line, ...]:
        """Nobody adds anything here."""
        nothing = line("There were no jobs on the board at this moment.", Tone.STRONG)
        return super()._empty_lines() if self.table.total else (nothing,)

    def departed(self) -> str:
        """See `Captioned`."""
        left = self.table.departed
        if left is None or left.how is not Left.GONE:
            return super().departed()
        return f"{left.job.title} is not on the board at this moment"

    def warn_of_dying(self) -> None:
        """Nothing can be fetched here."""

    def offer_prompt(self, refused: set[str]) -> None:
        """Nobody waits for a secret here."""

    def take_paste(self, text: str) -> None:  # noqa: ARG002  # whatever it is
        """Nothing is tracked here."""
        self.wishes.say(f"track: {WHY_NOT}", wrong=True)
