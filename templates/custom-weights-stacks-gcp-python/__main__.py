"""The program of every stack: what the configuration lists is declared."""

from vertex_custom_weights import stack

stack.declare()
