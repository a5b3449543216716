"""The one narrow door between the screen and the engine.

The engine lives in its own thread with its own event loop, since a stalled terminal stops the screen's loop
(facts: SSH). Facts come out through `drain`, coalesced per job; wishes go in through methods that return at once
with a `Future`. Every method may be called from the screen's thread and none of them blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from tui.engine.facts.archives import Contents, Inventory, Member, Preview, TakenMember
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, ConnectionForm, Mistake, Step
from tui.engine.facts.jobs import (
    Action,
    Changes,
    CutOff,
    FilePage,
    Offers,
    Queued,
    Refreshed,
    Sighting,
    ToCopy,
    TrackWish,
)
from tui.filter import Filter
from tui.model import (
    Event,
    Job,
    JobKey,
    Safe,
    Secret,
)


class Door(Protocol):
    """What the screen may ask of the engine. Futures end with a JobdeckError when a wish cannot be granted."""

    def on_changes(self, wake: Callable[[], None]) -> None:
        """Have `wake` called (from the engine's thread) when `drain` has something after having been empty."""
        ...

    def drain(self) -> Changes:
        """Take what is new. The first call after a start gives everything there is."""
        ...

    def why_not(self, action: Action, job: Job) -> Safe | None:
        """Why the action cannot be done with this job now, in a few words; None when it can."""
        ...

    def track(self, wish: TrackWish) -> Future[Job]:
        """Put a job on the board."""
        ...

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        """What of the text is cut off as credentials before it is tracked; None when there are none."""
        ...

    def keep(self, wish: TrackWish) -> Future[Safe]:
        """Keep the credentials of the text in the keyring, else for this run; says which."""
        ...

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """Take jobs off the board; returns them, so that `restore` can undo it."""
        ...

    def archive(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """Put jobs that are over into the archive, with all that is theirs; returns those that went there."""
        ...

    def bring_back(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """Put archived jobs back on the board; returns them as they are now."""
        ...

    def find_archived(self, wanted: Filter | None) -> Future[int]:
        """Have the archived jobs that a filter fits come as changes, like jobs on the board; returns how many.

        None takes those that came away again.
        """
        ...

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        """Put untracked jobs back as they were."""
        ...

    def refresh(self, keys: Iterable[JobKey]) -> Future[Refreshed]:
        """Ask for these jobs now, as far as the vendors' limits allow; also revives a refused connection.

        Called back, those not asked yet wait for their usual time.
        """
        ...

    def set_alert(self, keys: Iterable[JobKey], *, on: bool) -> Future[None]:
        """Set an alert on jobs, or take it off: their end is told also with `notify.when = "alert"`; it is kept."""
        ...

    def allow_changes(self, *, on: bool) -> None:
        """From now on allow what changes something at a vendor, or refuse it, whatever the run was started with."""
        ...

    def status_command(self, key: JobKey) -> Future[Safe]:
        """The curl command that asks the job's vendor how it stands, its login left out; nothing is asked for it."""
        ...

    def link(self, key: JobKey, output: str) -> Future[ToCopy]:
        """The address of a `link` output, its token included, to be copied."""
        ...

    def why_not_asked(self, key: JobKey) -> Safe | None:
        """Why the job is not asked at this moment, in a few words; None when it is, or is about to be."""
        ...

    def why_silent(self, connection: str) -> Safe | None:
        """Why nothing is asked on a connection at this moment; None when something is, or is about to be."""
        ...

    def focus(self, key: JobKey | None) -> None:
        """The job under the cursor: it is asked first and more often."""
        ...

    def cancel(self, key: JobKey) -> Future[None]:
        """Tell the vendor to stop the job; done when the vendor took it."""
        ...

    def reset(self, key: JobKey) -> Future[None]:
        """Tell the vendor to put a job that is over back to its start; done when the vendor took it."""
        ...

    def report(self, key: JobKey, *, again: bool = False) -> Future[Safe]:
        """The report's text: the kept one, or asked anew when there is none, it grows, or `again` is set."""
        ...

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        """Everything that happened to the job, oldest first."""
        ...

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        """Queue outputs of a job for download; all its files when none is named."""
        ...

    def inventory(self, key: JobKey) -> Future[tuple[Inventory, ...]]:
        """What the fetched archives of a job hold, where their vendor tells."""
        ...

    def offers(self) -> tuple[Offers, ...]:
        """What each connection can do beyond asking for jobs."""
        ...

    def submit(self, connection: str, body: str, place: str | None = None, title: str | None = None) -> Future[Job]:
        """Start a job from a request body, exactly once, and track it."""
        ...

    def again(self, key: JobKey) -> Future[Job]:
        """Start a job once more with the body it was started with from here."""
        ...

    def discover(self, connection: str) -> Future[tuple[Sighting, ...]]:
        """What ran lately at the vendor, newest first."""
        ...

    def browse(self, connection: str, place: str, more: str | None = None) -> Future[FilePage]:
        """One page of the files at a place (Autodesk: `BUCKET` or `BUCKET/PREFIX`)."""
        ...

    def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Future[Job]:
        """Attach output files to a job whose vendor does not name them."""
        ...

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[Safe]:
        """Have another program fetch a `link` output, or save the link to a private file; says what was done."""
        ...

    def look_inside(self, key: JobKey, output: str) -> Future[Contents]:
        """What is in a file output: in the fetched one, else at the vendor without downloading it."""
        ...

    def preview(self, key: JobKey, output: str, member: Member) -> Future[Preview]:
        """How a member of an archive begins."""
        ...

    def take_members(
        self, key: JobKey, output: str, members: tuple[Member, ...], folder: Path | None = None
    ) -> Future[tuple[TakenMember, ...]]:
        """Fetch single members of an archive into the folder of the job's downloads, or another one."""
        ...

    def unpack(self, key: JobKey, output: str) -> Future[Path]:
        """Unpack a fetched archive into a new folder beside it; returns the folder."""
        ...

    def hand_over_command(self, key: JobKey, output: str, folder: Path | None = None) -> Future[ToCopy]:
        """The command by which another program fetches a `link` output, with the link's token, to be copied."""
        ...

    def download_finished(self) -> Future[Queued]:
        """Queue every result of a succeeded job that is not here yet."""
        ...

    def pause_download(self, download: int) -> Future[None]:
        """Hold one download by its id; what came is kept."""
        ...

    def resume_download(self, download: int) -> Future[None]:
        """Go on with a paused download, or try one again that failed or was stopped."""
        ...

    def hurry_download(self, download: int) -> Future[None]:
        """Have a waiting download be the next to move."""
        ...

    def stop_download(self, download: int) -> Future[None]:
        """Stop one download for good; what came of it is removed."""
        ...

    def saved_filters(self) -> Mapping[str, str]:
        """The texts of the saved filters by their names."""
        ...

    def save_filter(self, name: str, text: str) -> Future[Safe]:
        """Write a filter to config.toml under a name, in place of one that has it; says how to use it."""
        ...

    def connection_forms(self) -> tuple[ConnectionForm, ...]:
        """What a connection of each vendor is made of."""
        ...

    def connections(self) -> Future[tuple[ConnectionFacts, ...]]:
        """The connections of config.toml, in its order, and where their secrets are found."""
        ...

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """What is wrong in a draft, by the rules of config.toml; empty when it can be saved."""
        ...

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        """What a pasted text tells of the connection that its job needs, its credentials too; empty for nothing."""
        ...

    def save_connection(self, draft: ConnectionDraft, replaces: str | None = None) -> Future[Safe]:
        """Add a connection, or change or rename the one it replaces; says where each secret went.

        A renamed connection takes its jobs, their downloads and its secrets along.
        """
        ...

    def remove_connection(self, name: str, *, with_jobs: bool) -> Future[Safe]:
        """Take a connection out of config.toml and its secrets out of the keyring; its jobs too, if wished.

        Says so, and which secrets could not be taken out.
        """
        ...

    def check_connection(self, name: str, told: Callable[[Step], None]) -> Future[tuple[Step, ...]]:
        """Test a connection step by step; `told` is called from the engine's thread as each step ends."""
        ...

    def pause_connection(self, name: str, *, on: bool) -> Future[None]:
        """Ask nothing on a connection until the end of this run, or ask on; its downloads go on."""
        ...

    def keep_secret(self, connection: str, field: str, secret: Secret, *, only_this_run: bool) -> Future[Safe]:
        """Keep a secret in the keyring, or in memory for this run, and use it from now on; says where it went."""
        ...

    def log_out(self, connection: str) -> Future[None]:
        """Forget the connection's tokens and session; the next ask logs in anew."""
        ...

    def unlock_keyring(self, password: Secret) -> Future[None]:
        """Unlock the Secret Service's default collection. Ends with a CredentialsError when that cannot be done."""
        ...

    def keyring_state(self) -> Future[Safe | None]:
        """Why the keyring cannot be used, in one line; None when it can."""
        ...

    def close(self, timeout: float = 2.0) -> None:
        """Stop the engine and wait at most `timeout` seconds for its thread; everything is on disk before."""
        ...
