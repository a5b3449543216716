"""One line of what the doctor found."""

from __future__ import annotations

from dataclasses import dataclass

from tui.engine.facts.connections import StepState


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at (`topic`, `name`), how it stands, and what to do about it."""

    topic: str
    name: str
    state: StepState
    told: str
    remedy: str = ""


def fine(topic: str, name: str, told: str, remedy: str = "") -> Finding:
    """It works; `remedy` says what would be better still."""
    return Finding(topic, name, StepState.OK, told, remedy)


def doubtful(topic: str, name: str, told: str, remedy: str) -> Finding:
    """It works in part."""
    return Finding(topic, name, StepState.WARNING, told, remedy)


def broken(topic: str, name: str, told: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(topic, name, StepState.BROKEN, told, remedy)


def skipped(topic: str, name: str, told: str, remedy: str = "") -> Finding:
    """It was not looked at."""
    return Finding(topic, name, StepState.SKIPPED, told, remedy)
