"""The part of Compute Engine that Private Service Connect needs: addresses and forwarding rules."""
