"""Connections made, changed, tested and obeyed while the program runs."""
