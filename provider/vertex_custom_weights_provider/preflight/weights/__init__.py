"""What is in a folder of weights."""
