"""Faults, scenarios and quotas: what goes wrong on purpose."""
