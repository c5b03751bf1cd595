"""All HTTP to Google: transport, credentials, clients, and what they answer."""
