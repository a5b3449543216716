"""The command: parse, pick, print. It never loads Textual except to open the board."""
