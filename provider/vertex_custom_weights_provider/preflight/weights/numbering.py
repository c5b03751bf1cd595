"""S3: are there as many layers and experts as the configuration says."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider.architectures import Key
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import Finding, error, some

from .comparison import Comparison, Kinds

_INNER = 2


class Numbering:
    """Whole layers and whole experts that are missing or too many, told once for all tensors."""

    def __init__(self, compared: Comparison) -> None:
        layout = compared.layout
        self._stems = {
            pattern.partition("*")[0]
            for row, pattern in ((row, row.name.replace("{layer}", "*")) for row in layout.rows)
            if "layer" in row.places[:1]
        }
        self._depth = layout.counts.get("layer", 0)
        stated = layout.values.get("num_hidden_layers")
        self._needed = stated if isinstance(stated, int) else 0
        self._experts = layout.counts.get("expert", 0)
        layers, experts = set[str](), set[str]()
        for pattern, stored in compared.found.items():
            if self._is_layer(pattern):
                layers |= {key[0] for key in stored}
                if pattern in layout.kinds or "experts.*" in pattern:
                    experts |= {key[1] for key in stored if len(key) == _INNER}
        self.lost_layers = self._lost(self._needed, layers)
        self.extra_layers = self._extra(self._depth, layers)
        # With no expert at all, or in one matrix for all, there is nothing to count.
        self.lost_experts = self._lost(self._experts, experts) if experts else frozenset[str]()
        self.extra_experts = self._extra(self._experts, experts)
        self._held = len(experts)

    def _is_layer(self, pattern: str) -> bool:
        return pattern.partition("*")[0] in self._stems

    @staticmethod
    def _lost(count: int, there: set[str]) -> frozenset[str]:
        lost = {str(n) for n in range(count)} - there
        # With none there at all, names are of another kind.
        return frozenset(lost) if len(lost) < count else frozenset()

    @staticmethod
    def _extra(count: int, there: set[str]) -> frozenset[str]:
        return frozenset(n for n in there if int(n) >= count)

    def findings(self, *, whole: bool) -> Iterator[Finding]:
        """Tell what is missing, if all files were read, and what is too many."""
        if whole and self.lost_layers:
            yield error(
                rules.S3,
                f"config.json says {self._needed} layers; the weights hold none of layer "
                f"{some(sorted(self.lost_layers, key=int))}. Save the whole model (a merged "
                "adapter or sharded training state may lack layers).",
            )
        if self.extra_layers:
            yield error(
                rules.S3,
                f"config.json says {self._needed} layers; the weights go up to layer "
                f"{max(self.extra_layers, key=int)}. Correct num_hidden_layers, or save the model "
                "again.",
            )
        if self.extra_experts or (whole and self.lost_experts):
            yield error(
                rules.S3,
                f"config.json says {self._experts} experts; the weights hold {self._held}. Save "
                "the whole model again, or upload the config.json that was saved with it.",
            )

    def others(self, kinds: Kinds) -> Kinds:
        """Return what is not explained by missing or additional layers and experts."""
        layers, experts = (
            self.lost_layers | self.extra_layers,
            self.lost_experts | self.extra_experts,
        )

        def told(pattern: str, key: Key) -> bool:
            inside = self._is_layer(pattern)
            return inside and (key[0] in layers or (len(key) == _INNER and key[1] in experts))

        rest = {
            pattern: [key for key in keys if not told(pattern, key)]
            for pattern, keys in kinds.items()
        }
        return {pattern: keys for pattern, keys in rest.items() if keys}
