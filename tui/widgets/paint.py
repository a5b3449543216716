"""From toned lines to strips, in the theme's colours; and the scroll bar that needs neither colour nor Unicode."""

from __future__ import annotations

from typing import ClassVar

from rich.color import Color
from rich.segment import Segment, Segments
from rich.style import Style
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from tui.widgets.lines import Line, Tone, fit_line

CURSOR = "line--cursor"
CURSOR_AWAY = "line--cursor-away"
_LOOKS = frozenset({f"line--{tone}" for tone in Tone} | {CURSOR, CURSOR_AWAY})


class Painted(Widget):
    """A widget that draws lines itself. The tones' looks are component classes in its CSS, `line--TONE`.

    They are not Textual's `COMPONENT_CLASSES`: it works out all of a widget's each time it looks at the CSS, which for
    the whole board was an eighth of the start.
    """

    DEFAULT_CSS = """
    Painted {
        & > .line--dim { color: $text-muted; }
        & > .line--strong { text-style: bold; }
        & > .line--head { color: $text-muted; text-style: none; }
        & > .line--key { color: $primary; text-style: bold; }
        & > .line--good { color: $success; }
        & > .line--bad { color: $error; text-style: bold; }
        & > .line--warn { color: $warning; }
        & > .line--run { color: $primary; }
        & > .line--wait { color: $secondary; }
        & > .line--tab { color: $primary; text-style: bold underline; }
        & > .line--found { text-style: reverse; }
        & > .line--cursor { background: $primary-muted; }
        & > .line--cursor-away { background: $panel; }
        &:ansi {
            & > .line--dim { color: ansi_default; text-style: dim; }
            & > .line--head { color: ansi_default; text-style: dim; }
            & > .line--cursor { text-style: reverse; }
            & > .line--cursor-away { text-style: underline; }
        }
        &:nocolor {
            & > .line--dim { text-style: dim; }
            & > .line--head { text-style: dim; }
            & > .line--cursor { text-style: reverse; }
            & > .line--cursor-away { text-style: underline; }
        }
    }
    """

    glyphs: Glyphs = UNICODE

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's own name for it
        self._looks: dict[tuple[Tone, str | None], Style] = {}
        super().__init__(id=id)

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Textual's; the look of a tone is worked out when it is first drawn. A test pins the private names."""
        for name in _LOOKS.intersection(names) - self._component_styles.keys():
            drawn = DOMNode(classes=name)
            drawn._attach(self)  # noqa: SLF001
            self.app.stylesheet.apply(drawn, animate=False)
            self._component_styles[name] = drawn.styles
        return super().get_component_styles(*names)

    def notify_style_update(self) -> None:
        """Textual's: the CSS says something else now."""
        self._looks.clear()
        if self._component_styles:
            self._component_styles.clear()
            self.refresh()
        super().notify_style_update()

    def _look(self, tone: Tone, over: str | None) -> Style:
        """A tone's style, kept until the CSS says something else: Textual works it out at every repaint."""
        style = self._looks.get((tone, over))
        if style is None:
            style = self.get_component_rich_style(f"line--{tone}")
            if over is not None:
                style = _covered(style, self.get_component_rich_style(over, partial=True))
            self._looks[tone, over] = style
        return style

    def strip(self, pieces: Line, width: int, over: str | None = None) -> Strip:
        """A strip of exactly `width` cells; `over` is a component class laid over the whole line."""
        segments: list[Segment] = []
        for text, tone in fit_line(pieces, width, self.glyphs.ellipsis):
            style = self._look(tone, over)
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        return Strip(segments, width)


def _covered(style: Style, cover: Style) -> Style:
    if cover.reverse:
        # Reversed colours would paint each tone's colour as a background: one plain bar reads better.
        return Style(reverse=True, bold=style.bold)
    return style + cover


def thumb_at(size: int, virtual_size: float, window_size: float, position: float) -> tuple[int, int]:
    """The first row of a scroll bar's thumb and how many it has, of `size`; not everything is in sight."""
    length = max(1, round(size * window_size / virtual_size))
    start = round((size - length) * position / (virtual_size - window_size))
    return min(max(start, 0), size - length), length


class UnicodeBar(ScrollBarRender):
    """A thin thumb on an empty track, drawn in the foreground only, so that it also shows without colours."""

    THUMB: ClassVar[str] = UNICODE.thumb

    @classmethod
    def render_bar(
        cls,
        size: int = 25,
        virtual_size: float = 50,
        window_size: float = 20,
        position: float = 0,
        thickness: int = 1,
        vertical: bool = True,
        back_color: Color = Color.parse("default"),  # noqa: B008  # the base class's signature
        bar_color: Color = Color.parse("default"),  # noqa: B008
    ) -> Segments:
        """One segment a row; the parts of the track answer the mouse as Textual's own do."""
        size = int(size)
        if not (vertical and window_size and size and virtual_size > window_size):
            return Segments([Segment(" ", Style(bgcolor=back_color))] * size, new_lines=vertical)
        start, length = thumb_at(size, virtual_size, window_size, position)
        above = Segment(" " * thickness, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_up"}))
        below = Segment(" " * thickness, Style(bgcolor=back_color, meta={"@mouse.down": "scroll_down"}))
        thumb_style = Style(color=bar_color, bgcolor=back_color, meta={"@mouse.down": "grab"})
        thumb = Segment(cls.THUMB * thickness, thumb_style)
        rows = [above] * start + [thumb] * length + [below] * (size - start - length)
        return Segments(rows, new_lines=True)


class AsciiBar(UnicodeBar):
    """The same in ASCII."""

    THUMB: ClassVar[str] = ASCII.thumb


def use_scroll_bars(glyphs: Glyphs) -> None:
    """Have every scroll bar of the program drawn with these glyphs."""
    ScrollBar.renderer = AsciiBar if glyphs is ASCII else UnicodeBar
