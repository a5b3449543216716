"""Emulated Autodesk Platform Services: login, Design Automation, OSS (dossier autodesk.md)."""
