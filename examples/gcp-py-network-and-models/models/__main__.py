"""The models: what the stack's configuration lists is declared."""

from vertex_custom_weights import stack

stack.declare()
