"""Everything that happens without a screen: the board's facts, asking vendors, downloads, storage."""
