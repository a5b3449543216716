"""Recordings: what the door gave, written down with its moments, and the board again from that."""
