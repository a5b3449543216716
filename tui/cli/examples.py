"""The examples of `--help` and of the man page; a test runs every one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One line as a user types it, and what it does."""

    line: str
    says: str


OF_ALL = (
    Example("jobdeck --demo", "the board on five emulated vendors"),
    Example("jobdeck track -c plant 0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10", "put a job on the board"),
    Example("jobdeck watch --timeout 600", "follow all jobs until they are over"),
    Example("jobdeck download plant:0c5b --to results", "fetch a job's outputs"),
)

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "track": (
        Example("jobdeck track -c plant 0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10 --title nightly", "one, asked at once"),
        Example("jobdeck track -c plant - < ids.txt", "many, one a line; asked by the board or by watch"),
    ),
    "list": (
        Example("jobdeck list", "all jobs, those under way first"),
        Example("jobdeck list state:failed,expired 'age:<2d'", "what went wrong since the day before yesterday"),
        Example("jobdeck list --csv > jobs.csv", "for a spreadsheet"),
    ),
    "show": (
        Example("jobdeck show plant:0c5b", "what is known of it; asks nobody"),
        Example("jobdeck show plant:0c5b --refresh --json", "ask the vendor first"),
    ),
    "watch": (
        Example("jobdeck watch --timeout 600", "all jobs, for ten minutes at most"),
        Example("jobdeck watch plant:0c5b --download results", "one, and its files as soon as it succeeds"),
        Example("jobdeck watch plant:0c5b --json", "one JSON object a change, for programs"),
    ),
    "download": (
        Example("jobdeck download plant:0c5b", "into downloads.folder"),
        Example("jobdeck download plant:0c5b --to results --extract", "into a folder of your choice, unpacked"),
    ),
    "cancel": (Example("jobdeck cancel plant:0c5b --yes --wait", "without a question, until it is over"),),
    "reset": (Example("jobdeck reset media:4711 --yes", "an Aspera work order begins anew"),),
    "untrack": (Example("jobdeck untrack plant:0c5b --yes", "the vendor is told nothing"),),
    "submit": (
        Example("jobdeck submit -c plant export.json --title nightly", "a request body from a file"),
        Example("jobdeck submit -c plant - < export.json", "from stdin"),
    ),
    "connections": (
        Example(
            "jobdeck connections add plant --vendor octoplant base_url=https://plant.example:64023 username=ops",
            "write it to config.toml",
        ),
        Example("jobdeck connections edit plant ca_file=~/plant.pem proxy=", "change settings; an empty one goes"),
        Example("jobdeck connections test plant", "step by step"),
    ),
    "secret": (
        Example("jobdeck secret set plant password", "asked without echo, kept in the keyring"),
        Example("jobdeck secret set plant password < password.txt", "from stdin"),
    ),
    "mend": (Example("jobdeck mend", 'after "is damaged"; does nothing to a board that is whole'),),
    "doctor": (Example("jobdeck doctor", "what works here, what does not, what to do"),),
    "emulate": (
        Example("jobdeck emulate --json", "say in one JSON line how to reach them, then serve"),
        Example("jobdeck emulate --fault 503=jaggaer --fault cut=store", "with two of them misbehaving"),
    ),
    "completion": (
        Example("jobdeck completion bash > ~/.local/share/bash-completion/completions/jobdeck", "for bash"),
        Example("jobdeck completion fish > ~/.config/fish/completions/jobdeck.fish", "for fish"),
    ),
    "man": (
        Example("jobdeck man | man -l -", "read it"),
        Example("jobdeck man > ~/.local/share/man/man1/jobdeck.1", "keep it for man jobdeck"),
    ),
}


def as_text(examples: tuple[Example, ...]) -> str:
    """The examples as they stand below a `--help`: each line, and what it does below it."""
    return "\n".join(["examples:", *(f"  {one.line}\n      {one.says}" for one in examples)])
