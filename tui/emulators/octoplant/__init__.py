"""An emulated octoplant server: export orders over TLS (dossier octoplant.md)."""
