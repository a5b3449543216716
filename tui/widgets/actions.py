"""Every action of the board, once: the keys, the footer, the help and the command palette all read this list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from textual.binding import Binding

from tui.engine.facts.jobs import Action
from tui.widgets.key_names import key_name, textual_name


class Place(Enum):
    """Where a key works; the value is the heading in the help."""

    REPLAY = "In a replay (jobdeck --replay)"
    BOARD = "Everywhere on the board"
    TABLE = "In the job table"
    LIST = "In a list"
    DETAIL = "In the detail"
    READING = "In the detail's text"
    DOWNLOADS = "In the downloads"
    OUTPUTS = "In a job's outputs"
    CONNECTIONS = "In the connections"


@dataclass(frozen=True, slots=True)
class Spec:
    """One action. `name` is also its name in config.toml's `[keys]`; `short` its word in the footer, if it has one.

    `asks` is what the engine is asked about before it runs; it then works on the marked jobs or the current one.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    place: Place = Place.BOARD
    short: str = ""
    asks: Action | None = None
    in_palette: bool = True


SPECS: tuple[Spec, ...] = (
    Spec("open", ("enter",), "Open the job", Place.LIST, in_palette=False),
    Spec("track", ("t",), "Track a job: paste an id, a URL, a curl command", short="track"),
    Spec("download", ("d",), "Download the outputs", short="download", asks=Action.DOWNLOAD),
    Spec("download_finished", ("D",), "Download all finished: every result that is not here yet"),
    Spec("outputs", ("o",), "Choose outputs: download, look inside, hand over, browse", short="outputs"),
    Spec("report", ("r",), "Read the report", short="report", asks=Action.REPORT),
    Spec("cancel", ("c",), "Cancel at the vendor", short="cancel", asks=Action.CANCEL),
    Spec("reset", ("X",), "Reset at the vendor: a job that is over begins anew", asks=Action.RESET),
    Spec("refresh", ("R",), "Ask the vendor now", asks=Action.REFRESH),
    Spec("again", ("A",), "Run again at the vendor", asks=Action.AGAIN),
    Spec("start", ("n",), "Start a job at a vendor", short="start"),
    Spec("lately", ("L",), "What ran lately at a vendor", short="lately"),
    Spec("connections", ("a",), "Connections: add, edit, test, secrets", short="connections"),
    Spec("secret", ("S",), "Enter a secret that a connection needs", short="secret"),
    Spec("demo", ("m",), "Look around in the demo: five emulated vendors", short="demo"),
    Spec("filter", ("slash",), "Filter the jobs", short="filter"),
    Spec("sort", ("s",), "Sort by the next column", short="sort"),
    Spec("order", ("O",), "Sort by any column, either way"),
    Spec("next_failed", ("f",), "To the next failed job", Place.TABLE),
    Spec("next_finished", ("F",), "To the next finished job", Place.TABLE),
    Spec("next_changed", ("e",), "To the next job that changed since you looked", Place.TABLE),
    Spec("group", ("v",), "Group by connection, by state, or not", Place.TABLE),
    Spec("fold", ("minus",), "Fold this group to one line, or unfold it", Place.TABLE),
    Spec("fold_all", ("V",), "Fold all groups, or unfold them", Place.TABLE),
    Spec("columns", ("C",), "Choose the columns", Place.TABLE),
    Spec("save_filter", ("K",), "Keep the filter under a name", Place.TABLE),
    Spec("mark", ("space",), "Mark the job for the next action", short="mark"),
    Spec("alert", ("b",), "Alert: tell me when it ends, or no more", short="alert"),
    Spec("copy", ("y",), "Copy: id, link, curl command, rows, table, report", short="copy"),
    Spec("back", ("escape",), "Back to the table, then drop the marks, then the filter", short="back"),
    Spec("untrack", ("u",), "Take off the board", short="untrack", asks=Action.UNTRACK),
    Spec("undo", ("z",), "Bring back what was taken off"),
    Spec("archive", ("Z",), "Archive what is over; the filter is:archived finds it", asks=Action.ARCHIVE),
    Spec("bring_back", ("B",), "Bring an archived job back to the board", asks=Action.BRING_BACK),
    Spec("downloads", ("w",), "Show or hide the downloads", short="downloads"),
    Spec("read_only", ("exclamation_mark",), "Allow changes at the vendors, or be read-only again"),
    Spec("mouse", ("M",), "Leave the mouse to the terminal, to select text, or take it back"),
    Spec("redraw", ("ctrl+l",), "Draw the screen again"),
    Spec("suspend", ("ctrl+z",), "Stop, and go back to the shell; its fg goes on"),
    Spec("theme", ("T",), "The next theme: dark, light, the terminal's own colours"),
    Spec("help", ("question_mark", "f1"), "Help for this place", short="help"),
    Spec("palette", ("ctrl+p",), "Command palette", short="commands", in_palette=False),
    Spec("quit", ("q", "ctrl+c"), "Quit", short="quit"),
    Spec("up", ("up", "k"), "One line up", Place.LIST, in_palette=False),
    Spec("down", ("down", "j"), "One line down", Place.LIST, in_palette=False),
    Spec("page_up", ("pageup", "ctrl+u", "ctrl+b"), "A page up", Place.LIST, in_palette=False),
    Spec("page_down", ("pagedown", "ctrl+d", "ctrl+f"), "A page down", Place.LIST, in_palette=False),
    Spec("first", ("g", "home"), "To the first line", Place.LIST, in_palette=False),
    Spec("last", ("G", "end"), "To the last line", Place.LIST, in_palette=False),
    Spec("tab_left", ("left", "h"), "The tab to the left", Place.DETAIL, in_palette=False),
    Spec("tab_right", ("right", "l"), "The tab to the right", Place.DETAIL, in_palette=False),
    Spec("search_text", ("slash",), "Look for words in the text", Place.READING, short="find"),
    Spec("next_match", ("n",), "The next line that was found", Place.READING, in_palette=False),
    Spec("previous_match", ("N",), "The line that was found before", Place.READING, in_palette=False),
    Spec("next_error", ("e",), "The next error line of the report", Place.READING, short="next error"),
    Spec("previous_error", ("E",), "The error line before", Place.READING, in_palette=False),
    Spec("follow", ("f",), "Follow the report while it grows, or stop that", Place.READING, short="follow"),
    Spec("wrap", ("b",), "Break long lines, or cut them", Place.READING, short="break lines"),
    Spec("select_lines", ("v",), "Select lines, to copy them, or drop them", Place.READING, short="select"),
    Spec("select_up", ("shift+up",), "Select one line more above", Place.READING, in_palette=False),
    Spec("select_down", ("shift+down",), "Select one line more below", Place.READING, in_palette=False),
    Spec("save_text", ("W",), "Save the report or the raw reply to a file", Place.READING, short="save"),
    Spec(
        "look_at_outputs", ("enter",), "In the Outputs tab: look inside the chosen one", Place.READING, in_palette=False
    ),
    Spec("replay_pause", ("P",), "Replay: stand still, or go on", Place.REPLAY, short="pause"),
    Spec("replay_slower", ("left_square_bracket",), "Replay: slower", Place.REPLAY, short="slower"),
    Spec("replay_faster", ("right_square_bracket",), "Replay: faster", Place.REPLAY, short="faster"),
    Spec("replay_back", ("comma",), "Replay: back one minute", Place.REPLAY, short="-1m"),
    Spec("replay_forward", ("full_stop",), "Replay: forward one minute", Place.REPLAY, short="+1m"),
    Spec("replay_at", ("at",), "Replay: to a time", Place.REPLAY),
    Spec("replay_far_back", ("less_than_sign",), "Replay: back one hour", Place.REPLAY),
    Spec("replay_far_forward", ("greater_than_sign",), "Replay: forward one hour", Place.REPLAY),
    Spec(
        "replay_change", ("right_curly_bracket",), "Replay: to the next change of a job", Place.REPLAY, short="change"
    ),
    Spec("replay_failure", ("x",), "Replay: to the next job that fails", Place.REPLAY, short="failure"),
    Spec("look_inside", ("i",), "Look inside a file, here or at the vendor", Place.OUTPUTS, in_palette=False),
    Spec("unpack", ("x",), "Unpack a downloaded archive into a new folder", Place.OUTPUTS, in_palette=False),
    Spec("pause_download", ("p",), "Pause this download, or go on with it", Place.DOWNLOADS, short="pause"),
    Spec("retry_download", ("R",), "Try this download again", Place.DOWNLOADS, short="retry"),
    Spec("hurry_download", ("plus",), "Let this download go first", Place.DOWNLOADS, short="first"),
    Spec("stop_download", ("c",), "Stop this download for good", Place.DOWNLOADS, short="stop"),
    Spec("add_connection", ("a",), "Add a connection", Place.CONNECTIONS, short="add", in_palette=False),
    Spec("edit_connection", ("e",), "Edit this connection", Place.CONNECTIONS, short="edit", in_palette=False),
    Spec(
        "copy_connection", ("d",), "Duplicate this connection", Place.CONNECTIONS, short="duplicate", in_palette=False
    ),
    Spec(
        "rename_connection",
        ("r",),
        "Rename it: jobs, secrets go along",
        Place.CONNECTIONS,
        short="rename",
        in_palette=False,
    ),
    Spec(
        "remove_connection",
        ("x", "delete"),
        "Remove this connection",
        Place.CONNECTIONS,
        short="remove",
        in_palette=False,
    ),
    Spec(
        "test_connection",
        ("t",),
        "Test this connection step by step",
        Place.CONNECTIONS,
        short="test",
        in_palette=False,
    ),
    Spec(
        "pause_connection",
        ("p",),
        "Pause asking on this connection, or ask on",
        Place.CONNECTIONS,
        short="pause asking",
    ),
    Spec(
        "enter_secret", ("s",), "Enter a secret of this connection", Place.CONNECTIONS, short="secret", in_palette=False
    ),
    Spec("log_out", ("o",), "Log out: the next ask logs in anew", Place.CONNECTIONS, short="log out", in_palette=False),
    Spec(
        "unlock_keyring",
        ("u",),
        "Unlock the keyring with its password",
        Place.CONNECTIONS,
        short="unlock",
        in_palette=False,
    ),
)

BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys in force: the list's own, with what config.toml's `[keys]` put in their place."""

    rebound: Mapping[str, str]

    def of(self, spec: Spec) -> tuple[str, ...]:
        """The action's keys, in Textual's names."""
        text = self.rebound.get(spec.name)
        return tuple(map(textual_name, text.split(","))) if text else spec.keys

    @property
    def map(self) -> dict[str, str]:
        """Textual's key map."""
        return {name: ",".join(self.of(BY_NAME[name])) for name in self.rebound if name in BY_NAME}

    def shown(self, spec: Spec) -> str:
        """The action's first key, as people write it."""
        return key_name(self.of(spec)[0])

    def all_shown(self, spec: Spec) -> str:
        """All keys of the action, as people write them."""
        return " ".join(key_name(key) for key in self.of(spec))


def bindings(*places: Place, names: Iterable[str] = (), of: str = "") -> list[Binding]:
    """Textual's bindings for the actions of these places, or for the named ones; rebound through their ids.

    `of` is "screen." where not the widget with the bindings but its screen carries them out.
    """
    wanted = set(names)
    return [
        Binding(",".join(spec.keys), f"{of}run('{spec.name}')", spec.title, show=False, id=spec.name)
        for spec in SPECS
        if spec.place in places or spec.name in wanted
    ]
