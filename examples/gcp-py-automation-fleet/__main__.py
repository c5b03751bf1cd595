"""The program of every tenant: what its stack's configuration lists is declared."""

from vertex_custom_weights import stack

stack.declare()
