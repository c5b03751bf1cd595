"""The provider host: a drop-in server for Python dynamic providers."""
