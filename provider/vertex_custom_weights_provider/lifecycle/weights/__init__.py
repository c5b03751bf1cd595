"""The look that check takes at the weights."""
