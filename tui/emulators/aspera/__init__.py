"""An emulated Aspera Orchestrator: work orders and their steps (dossier aspera.md)."""
