"""What to do about an error."""
