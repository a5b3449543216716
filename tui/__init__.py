"""jobdeck: one terminal board for long jobs that run in other people's clouds."""

__version__ = "0.1.0"
