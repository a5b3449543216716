"""The board's widgets (Textual)."""
