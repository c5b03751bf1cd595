"""Dated facts about models, machines, accelerators, regions, quotas and prices.

Data lives in `data/*.json`, each file with its date and sources, read when first asked for.
Lookups of unknown names say what may have been meant. Nothing here talks to a network.
"""

from .models import Attention, Model, Rope, Shape, UnknownModelError, model, models, models_date

__all__ = [
    "Attention",
    "Model",
    "Rope",
    "Shape",
    "UnknownModelError",
    "model",
    "models",
    "models_date",
]
