"""Checkpoints of the documented base models, for trying things without any weights.

Configuration, tensor names, shapes, element types and sharding are those of the published
repositories; the tensors hold zeros that take no space on disk.
"""

from .resave import resaved
from .writer import Written, config_of, write

__all__ = ["Written", "config_of", "resaved", "write"]
