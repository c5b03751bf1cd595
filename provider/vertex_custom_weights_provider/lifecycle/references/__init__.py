"""Names of places and networks, however they are spelled."""
