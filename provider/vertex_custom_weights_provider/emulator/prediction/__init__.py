"""The data plane: what endpoints answer, and on which hosts. No model runs here."""
