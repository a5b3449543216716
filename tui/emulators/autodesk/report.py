"""The report of a finished WorkItem: the vendor's log, line by line (dossier autodesk.md, section 3.7)."""

from __future__ import annotations

from tui.emulators.autodesk.workitems import OPTIONAL, WorkItem
from tui.emulators.script import Beat, Phase
from tui.emulators.store import Store
from tui.emulators.worldtime import WorldTime

INPUTS = "acme-inputs"
_ENGINE = (
    "Loading AppBundle acme.Exporter+12",
    "Opening T:\\Aces\\Jobs\\{id}\\input.max",
    "Scene holds 418 nodes, 96 materials, 12 lights",
    "Exporting panel 1 of 4",
    "Exporting panel 2 of 4",
    "Warning: texture 'oak_03.png' was not found, the default is used",
)
_ERRORS = {
    "failedDownload": (
        "Error: The remote server returned an error: (404) Not Found.",
        "Error: Cannot download input 'InputFile'; please check that its url is still valid.",
    ),
    "failedInstructions": (
        "Error: Unhandled exception in AppBundle acme.Exporter+12",
        "System.NullReferenceException: Object reference not set to an instance of an object.",
        "   at Acme.Exporter.Panels.Write(Node node) in Panels.cs:line 212",
        "Error: The engine process exited with code 1; expected 0.",
    ),
    "failedLimitProcessingTime": (
        "Error: The activity did not finish within its limit of processing time.",
        "Error: The engine process was terminated.",
    ),
    "failedUpload": (
        "Error: Upload failed with status 403 Forbidden: SignatureDoesNotMatch",
        "Error: Cannot upload output 'OutputFile'; please check that its url has not expired.",
    ),
}
_RESULTS = {
    "success": "Succeeded",
    "cancelled": "Cancelled",
    OPTIONAL: "FailedUploadOptional",
    "failedDownload": "FailedDownload",
    "failedInstructions": "FailedExecution",
    "failedLimitProcessingTime": "FailedLimitProcessingTime",
    "failedUpload": "FailedUpload",
}


def report(job: WorkItem, beat: Beat, time: WorldTime, store: Store) -> str:
    """The whole text. It holds signed links, as the vendor's does."""
    starts = beat.entered
    lines = [_line(time, job.run.script.born, f"Job information: id '{job.id}', activity '{job.activity}'")]
    if starts:
        lines += _download(job, time, store, starts)
    if len(starts) > 1:
        lines += _instructions(job, time, starts)
    if len(starts) > 2:
        lines += _upload(job, time, store, starts[2])
    ended = job.run.end
    errors = _ERRORS.get(job.ends_as, ()) if beat.phase is Phase.FAILED else ()
    if errors:
        lines += [_line(time, ended, "Error section:"), *(_line(time, ended, text) for text in errors)]
    word = "cancelled" if beat.phase is Phase.CANCELLED else job.ends_as
    lines.append(_line(time, ended, f"Job finished with result {_RESULTS[word]}"))
    lines.append(_line(time, ended, f"Job Status: {word}"))
    return "\n".join(lines) + "\n"


def _download(job: WorkItem, time: WorldTime, store: Store, starts: tuple[float, ...]) -> list[str]:
    url = store.presign(INPUTS, f"{job.id[:8]}.max", expires=3600, at=time.moment(starts[0]))
    lines = [
        _line(time, starts[0], "Starting work item download phase"),
        _line(time, starts[0], f"Start downloading input: verb - 'Get', url - '{url}'"),
    ]
    if len(starts) > 1:
        text = f"End downloading file: {job.bytes_downloaded} bytes were written to T:\\Aces\\Jobs\\{job.id}\\input.max"
        lines.append(_line(time, starts[1], text))
    return lines


def _instructions(job: WorkItem, time: WorldTime, starts: tuple[float, ...]) -> list[str]:
    begin = starts[1]
    ends = starts[2] if len(starts) > 2 else job.run.end
    step = (ends - begin) / (len(_ENGINE) + 1)
    lines = [_line(time, begin, "Start preparing script and command line parameters.")]
    lines.append(_line(time, begin, "Start 3dsMax Core Engine standard output dump."))
    lines += [_line(time, begin + step * n, text.format(id=job.id)) for n, text in enumerate(_ENGINE, 1)]
    lines.append(_line(time, ends, "End 3dsMax Core Engine standard output dump."))
    return lines


def _upload(job: WorkItem, time: WorldTime, store: Store, begin: float) -> list[str]:
    url = store.presign(job.bucket, job.key, expires=3600, at=time.moment(begin))
    text = f"Start uploading output: verb - 'Put', url - '{url}'"
    lines = [_line(time, begin, "Starting work item upload phase"), _line(time, begin, text)]
    if job.ends_as == OPTIONAL:
        lines.append(_line(time, begin, "Warning: optional output 'Preview' was not found; it is skipped"))
    if job.ends_as != "failedUpload":
        lines.append(_line(time, begin + 1, f"End uploading output: {job.content.size} bytes"))
    return lines


def _line(time: WorldTime, seconds: float, text: str) -> str:
    return f"[{time.moment(seconds):%m/%d/%Y %H:%M:%S}] {text}"
