"""Our themes can be read, and their states told apart, by people who do not see all colours too."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES, Theme

from tests.board.conftest import Open
from tests.board.demo import demo_door
from tui.config import parse
from tui.config.theme_names import THEMES
from tui.errors import ConfigError
from tui.widgets.theme import JOBDECK, JOBDECK_LIGHT, OWN

Matrix = tuple[tuple[float, float, float], ...]
Colour = tuple[float, float, float]

_SIGHT: dict[str, Matrix] = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""How others see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1)."""
_LEAST_DISTANCE = {"all colours": 18, "deuteranopia": 18, "protanopia": 18, "tritanopia": 11}
"""CIE 1976; 2.3 is what can just be told apart side by side."""


def linear(colour: str | None) -> Colour:
    assert colour is not None
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: str | None) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str | None, other: str | None) -> float:
    """By WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str | None, sight: Matrix) -> Colour:
    """The colour in CIELAB as somebody sees it."""
    rgb = linear(colour)
    red, green, blue = (min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0), 1) for row in sight)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def states(theme: Theme) -> dict[str, str | None]:
    return {
        "text": theme.foreground,
        "running": theme.primary,
        "waiting": theme.secondary,
        "good": theme.success,
        "warning": theme.warning,
        "bad": theme.error,
    }


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_all_text_can_be_read_on_every_ground(theme: Theme) -> None:
    grounds = (theme.background, theme.surface, theme.panel, theme.variables["primary-muted"])
    for name, colour in {**states(theme), "dim": theme.variables["text-muted"]}.items():
        for ground in grounds:
            assert contrast(colour, ground) >= 4.5, f"{name} {colour} on {ground}"


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", _SIGHT)
def test_states_are_told_apart(theme: Theme, sight: str) -> None:
    for (one, first), (other, second) in combinations(states(theme).items(), 2):
        pair = zip(seen(first, _SIGHT[sight]), seen(second, _SIGHT[sight]), strict=True)
        distance = sum((a - b) ** 2 for a, b in pair) ** 0.5
        assert distance >= _LEAST_DISTANCE[sight], f"{one} {first} and {other} {second}"


def test_dark_is_dark_and_light_is_light() -> None:
    assert luminance(JOBDECK.background) < 0.05
    assert luminance(JOBDECK_LIGHT.background) > 0.9


def test_config_knows_the_themes_that_there_are() -> None:
    textuals = {name for name in BUILTIN_THEMES if not name.startswith("ansi-")}
    assert set(THEMES) == textuals | {theme.name for theme in OWN} | {"ansi", "auto"}


def test_every_theme_has_the_colours_that_the_board_draws_with() -> None:
    for theme in (*OWN, *BUILTIN_THEMES.values()):
        colours = theme.to_color_system().generate()
        assert {"text-muted", "primary-muted", "border-blurred", "panel", "success", "warning"} <= set(colours)


def test_a_theme_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(ConfigError, match=r'config.toml:2 .*jobdeck-light.*did you mean "solarized-dark"'):
        parse('[ui]\ntheme = "solarised-dark"\n', Path("config.toml"))


async def test_the_theme_key_goes_through_ours_and_the_terminals(lab: Open) -> None:
    async with lab(demo_door()) as one:
        seen = []
        for _ in range(4):
            seen.append(one.app.theme)
            await one.press("T")
        assert seen == ["jobdeck", "jobdeck-light", "ansi-dark", "jobdeck"]


def test_the_mouse_can_be_left_to_the_terminal_for_good() -> None:
    assert parse("", Path("config.toml")).ui.mouse
    assert not parse("[ui]\nmouse = false\n", Path("config.toml")).ui.mouse
