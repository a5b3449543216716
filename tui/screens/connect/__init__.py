"""Connections on the board: their list, the form, the test, their secrets."""
