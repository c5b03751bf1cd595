"""Steps that several lifecycles share."""
