"""Where secrets are found and kept."""
