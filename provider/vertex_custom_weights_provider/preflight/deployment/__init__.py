"""Whether a machine, a quota and the service take these weights."""
