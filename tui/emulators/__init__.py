"""Five vendors and an S3-like store on loopback: what `--demo`, `emulate` and the tests talk to."""
