"""From stack configuration to arguments."""
