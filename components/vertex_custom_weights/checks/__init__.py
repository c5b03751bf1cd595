"""What contradicts itself in the arguments of a component."""
