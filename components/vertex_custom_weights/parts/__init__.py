"""What an endpoint is made of."""
