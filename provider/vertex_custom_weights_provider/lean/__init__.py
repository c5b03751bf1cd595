"""Packages without the parts that a provider process never uses."""
