"""An emulated JAGGAER ASO: asynchronous processes with results in S3 (dossier jaggaer.md)."""
