"""The facts that travel through the door between the screen and the engine."""
