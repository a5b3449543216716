"""How one file comes to the disk: ranges, resume, renewed links, checks; `engine.downloads` is the queue above it."""
