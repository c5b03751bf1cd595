"""Dated facts about models, machines, accelerators, regions, quotas and prices.

Data lives in `data/*.json`, each file with its date and sources, read when first asked for.
Lookups of unknown names say what may have been meant. Nothing here talks to a network.
"""

from .accelerators import (
    Accelerator,
    Tpu,
    UnknownAcceleratorError,
    accelerator,
    accelerator_names,
    accelerators,
    tpus,
)
from .fingerprint import (
    Identity,
    TextConfig,
    identify,
    is_documented_type,
    nearest_rows,
    read_config,
)
from .machines import (
    Machine,
    UnknownMachineError,
    machine,
    machines,
    price_region,
    prices_date,
)
from .models import (
    Attention,
    List,
    Model,
    Rope,
    Shape,
    UnknownModelError,
    lists,
    model,
    model_types,
    models,
    models_date,
)
from .quantization import known_methods
from .regions import Region, UnknownRegionError, region, regions
from .suggest import hint, nearest

__all__ = [
    "Accelerator",
    "Attention",
    "Identity",
    "List",
    "Machine",
    "Model",
    "Region",
    "Rope",
    "Shape",
    "TextConfig",
    "Tpu",
    "UnknownAcceleratorError",
    "UnknownMachineError",
    "UnknownModelError",
    "UnknownRegionError",
    "accelerator",
    "accelerator_names",
    "accelerators",
    "hint",
    "identify",
    "is_documented_type",
    "known_methods",
    "lists",
    "machine",
    "machines",
    "model",
    "model_types",
    "models",
    "models_date",
    "nearest",
    "nearest_rows",
    "price_region",
    "prices_date",
    "read_config",
    "region",
    "regions",
    "tpus",
]
