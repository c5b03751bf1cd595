"""Sorts the objects of a folder by the part they play, by name alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from .objects import Listing, ObjectInfo

CONFIG = "config.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
TOKENIZERS = ("tokenizer.json", "tokenizer.model")
SLOW_TOKENIZER = ("vocab.json", "merges.txt")
SAFETENSORS = "model.safetensors"
SAFETENSORS_INDEX = "model.safetensors.index.json"
QUANTIZATION_SIDECARS = ("hf_quant_config.json", "quantize_config.json", "quant_config.json")
PROCESSORS = ("preprocessor_config.json", "processor_config.json")

_BIN_WEIGHTS = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin|model(-\d+-of-\d+)?\.bin")
_OTHER_BINS = re.compile(
    r"(adapter_model|training_args|optimizer|scheduler|scaler|rng_state|random_states|ema_).*"
)
_NOT_SERVED = re.compile(r"(consolidated|adapter_model|optimizer|ema_).*\.safetensors")
_ORIGINAL_FORMAT = re.compile(
    r"(.*/)?(consolidated([.-].*)?\.(pth?|safetensors)|params\.json)|(original|metal)/.*"
)
_TRAINING = re.compile(
    r"(optimizer|scheduler|rng_state|training_args|scaler)\w*\.(pt|bin|pth|safetensors)"
    r"|\.git/.*|trainer_state\.json|checkpoint-\d+/.*|global_step\d+/.*|pytorch_model_fsdp.*|zero_to_fp32\.py"
)
_SERVED_SMALL = re.compile(
    r"(generation_)?config\.json|tokenizer.*|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.(json|txt)|merges\.txt|chat_template\.\w+|(pre)?processor_config\.json"
    r"|.*\.index\.json|\w+\.py|(hf_)?quant\w*_config\.json|additional_chat_templates/.*"
)


@dataclass(frozen=True)
class Inventory:
    """A listing with the questions that checks ask of it."""

    listing: Listing

    def __contains__(self, name: str) -> bool:
        return name in self.listing.by_name

    def get(self, name: str) -> ObjectInfo | None:
        """Return one object of the folder itself."""
        return self.listing.by_name.get(name)

    @property
    def root(self) -> Iterator[ObjectInfo]:
        """Objects of the folder itself, without subfolders."""
        return (item for item in self.listing.objects if "/" not in item.name)

    @cached_property
    def safetensors(self) -> tuple[ObjectInfo, ...]:
        """Weight files that serving is meant to load."""
        every = self._every_safetensors
        alone = [item for item in every if item.name == SAFETENSORS]
        if alone and SAFETENSORS_INDEX not in self:
            return tuple(alone)
        return tuple(item for item in every if not _NOT_SERVED.fullmatch(item.name))

    @cached_property
    def loaded_too(self) -> tuple[ObjectInfo, ...]:
        """What serving loads beside them for want of an index, which would name what to load.

        vLLM and SGLang load every `*.safetensors` of a folder then.
        """
        if SAFETENSORS_INDEX in self or not self.safetensors:
            return ()
        meant = {item.name for item in self.safetensors}
        return tuple(item for item in self._every_safetensors if item.name not in meant)

    @cached_property
    def _every_safetensors(self) -> tuple[ObjectInfo, ...]:
        return tuple(item for item in self.root if item.name.endswith(".safetensors"))

    @cached_property
    def bins(self) -> tuple[ObjectInfo, ...]:
        """Pickled weight files; serving loads them when there are no safetensors."""
        every = [item for item in self.root if item.name.endswith(".bin")]
        usual = [item for item in every if _BIN_WEIGHTS.fullmatch(item.name)]
        others = [item for item in every if not _OTHER_BINS.fullmatch(item.name)]
        # Containers load whatever is called .bin, if nothing has a better name.
        return tuple(usual if usual or self.safetensors else others)

    @cached_property
    def weights(self) -> tuple[ObjectInfo, ...]:
        """What serving loads: safetensors if there are any, else pickles."""
        return self.safetensors or self.bins

    @cached_property
    def index(self) -> ObjectInfo | None:
        """The index of those files, of several the one with the usual name."""
        ending = ".safetensors.index.json" if self.safetensors else ".bin.index.json"
        found = [item for item in self.root if item.name.endswith(ending)]
        usual = [item for item in found if item.name == SAFETENSORS_INDEX]
        return next(iter(usual or found), None)

    @cached_property
    def original_format(self) -> tuple[ObjectInfo, ...]:
        """Files in Meta's or Mistral's own format, which serving does not read."""
        return tuple(item for item in self.listing.objects if _ORIGINAL_FORMAT.fullmatch(item.name))

    @cached_property
    def leftovers(self) -> tuple[ObjectInfo, ...]:
        """What serving does not read, the largest first; replicas download it all the same."""
        served = {item.name for item in (*self.served, *self.bins)}
        rest = (item for item in self.listing.objects if item.name not in served)
        return tuple(sorted(rest, key=lambda item: (-item.size, item.name)))

    @cached_property
    def training_leftovers(self) -> tuple[ObjectInfo, ...]:
        """Optimizer states and checkpoints, downloaded at every replica start for nothing."""
        return tuple(item for item in self.listing.objects if _TRAINING.fullmatch(item.name))

    @property
    def python_files(self) -> tuple[ObjectInfo, ...]:
        """Code beside the weights."""
        return tuple(item for item in self.root if item.name.endswith(".py"))

    @property
    def gguf(self) -> tuple[ObjectInfo, ...]:
        """Weights in llama.cpp's format."""
        return tuple(item for item in self.root if item.name.lower().endswith(".gguf"))

    @property
    def served(self) -> Iterator[ObjectInfo]:
        """What serving reads; a README or a stray log is not among it."""
        loaded = (*self.weights, *self.loaded_too)
        yield from loaded
        names = {item.name for item in loaded}
        for item in self.listing.objects:
            if item.name not in names and _SERVED_SMALL.fullmatch(item.name):
                yield item


def listing_digest(listing: Listing) -> str:
    """Return a fingerprint of the bytes that serving reads, from the listing alone.

    It depends on names, sizes and the store's checksums, so copying the same weights again does
    not change it, and a README does not count.
    """
    digest = sha256(b"weights-v1")
    for item in sorted(Inventory(listing).served, key=lambda item: item.name):
        line = f"{item.name}\0{item.size}\0{item.version}\n"
        digest.update(line.encode("utf-8", "surrogatepass"))
    return f"w1-{digest.hexdigest()[:32]}"
