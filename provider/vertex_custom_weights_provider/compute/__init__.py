"""Compute Engine as Private Service Connect needs it: addresses and forwarding rules."""
