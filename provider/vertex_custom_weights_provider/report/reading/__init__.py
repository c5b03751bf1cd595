"""What a preview says, read from the engine and the state."""
