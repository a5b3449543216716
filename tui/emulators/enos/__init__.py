"""An emulated EnOS gateway: signed calls and download tasks (dossier enos.md)."""
