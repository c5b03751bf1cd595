"""What the emulator remembers, and what time it is there."""
