"""What stands in board.sqlite: reading, writing, migrating, mending, archiving, tidying."""
