"""F1, F3 and F4: is this a checkpoint folder, by its names and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    Finding,
    error,
    printable,
    shown,
    some,
    warn,
)
from vertex_custom_weights_provider.storage import ObjectInfo
from vertex_custom_weights_provider.storage.inventory import (
    CONFIG,
    PROCESSORS,
    SAFETENSORS_INDEX,
    SLOW_TOKENIZER,
    TOKENIZER_CONFIG,
    TOKENIZERS,
    Inventory,
)

_WEIGHT_SUFFIXES = (".safetensors", ".bin")
_MB = 1_000_000
_MAX_TOKENIZER_BYTES = 64 * _MB
_LEFTOVER_BYTES = 1_000 * _MB


def gigabytes(size: float) -> str:
    """Say a size as people do."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def _uri(inventory: Inventory) -> str:
    return printable(inventory.listing.uri)


def check_files(inventory: Inventory) -> Iterator[Finding]:
    """Check what names and sizes tell."""
    if not inventory.listing.objects:
        yield _empty(_uri(inventory))
        return
    yield from _readability(inventory)
    if CONFIG not in inventory:
        yield _no_config(inventory)
    yield from _weights(inventory)
    yield from _loaded_too(inventory)
    yield from _extra_downloads(inventory)
    yield from _tokenizer(inventory)


def _empty(uri: str) -> Finding:
    last = uri.rpartition("/")[2]
    if last.endswith((".json", ".safetensors", ".bin", ".model")):
        message = f"{uri} is a file, not a folder. Point gcsUri at the folder that holds it."
    elif "*" in uri:
        message = f"{uri} is empty; wildcards are not expanded. Name one folder."
    else:
        message = f"{uri} is empty or does not exist. Upload the checkpoint there, or correct it."
    return error(rules.F1, message)


def _readability(inventory: Inventory) -> Iterator[Finding]:
    if inventory.listing.truncated:
        yield warn(
            rules.F1,
            f"{_uri(inventory)} holds more than 20,000 objects; not all were looked "
            "at, and every replica downloads them all. Give the checkpoint a folder of its own.",
        )
    zipped = [item.name for item in inventory.root if item.content_encoding.lower() == "gzip"]
    if zipped:
        yield error(
            rules.F1,
            f"{some(zipped)}: stored with Content-Encoding gzip, which breaks ranged reads. "
            "Upload again without -Z or gzip.",
        )


def _parents(inventory: Inventory, name: str) -> list[str]:
    ending = f"/{name}"
    return [i.name[: -len(name)] for i in inventory.listing.objects if i.name.endswith(ending)]


def _no_config(inventory: Inventory) -> Finding:
    uri = _uri(inventory)
    below = _parents(inventory, CONFIG)
    if below:
        message = f"{uri} has no config.json; there is one in {some(below)}. Point gcsUri there."
    else:
        message = (
            f"{uri} has no config.json ({_content(inventory)}). "
            "Point gcsUri at the folder that holds it."
        )
    return error(rules.F2, message)


def _content(inventory: Inventory) -> str:
    counts: dict[str, int] = {}
    for item in inventory.root:
        suffix = item.name.rpartition(".")[1:] if "." in item.name else ("", item.name)
        kind = "".join(suffix)
        counts[kind] = counts.get(kind, 0) + 1
    most = sorted(counts.items(), key=lambda kind: (-kind[1], kind[0]))
    return "found " + (some(f"{n} {kind}" for kind, n in most) or "only subfolders")


def _weights(inventory: Inventory) -> Iterator[Finding]:
    if inventory.safetensors:
        if inventory.bins:
            size = gigabytes(_size(inventory.bins))
            yield warn(
                rules.F3,
                f"The weights are there twice, as safetensors and as {len(inventory.bins)} .bin "
                f"({size}); every replica downloads both. Remove the .bin files.",
            )
    elif inventory.bins:
        yield warn(
            rules.F3,
            f"The weights are {len(inventory.bins)} pickled .bin files; loading a pickle runs "
            "code, and shapes cannot be checked. Save them with safe_serialization=True.",
        )
    else:
        yield error(rules.F3, _elsewhere(inventory) or _no_weights(inventory))


def _elsewhere(inventory: Inventory) -> str:
    """Tell whole checkpoints below a folder that is none itself."""
    whole = sorted({*_weight_folders(inventory)} & {*_parents(inventory, CONFIG)})
    return "" if CONFIG in inventory else _pointed(inventory, whole)


def _pointed(inventory: Inventory, folders: list[str]) -> str:
    if not folders:
        return ""
    there = some(folders)
    return (
        f"{_uri(inventory)} has no weights itself; there are some in {there}. Point gcsUri there."
    )


def _no_weights(inventory: Inventory) -> str:
    uri = _uri(inventory)
    if inventory.gguf:
        return (
            f"{uri} holds GGUF ({some(i.name for i in inventory.gguf)}), which Model Garden does "
            "not serve. Use the checkpoint it was converted from, in safetensors."
        )
    if "adapter_config.json" in inventory or "adapter_model.safetensors" in inventory:
        return (
            f"{uri} holds a LoRA adapter without its base model. "
            "Merge it (peft: merge_and_unload) and save the whole model."
        )
    if inventory.original_format:
        names = some(i.name for i in inventory.original_format)
        return (
            f"{uri} holds weights in their maker's original format ({names}). "
            "Convert them to the Hugging Face format."
        )
    if inventory.training_leftovers:
        names = some(i.name for i in inventory.training_leftovers)
        return (
            f"{uri} holds training state ({names}) and no full weights. "
            "Consolidate it with save_pretrained."
        )
    return _pointed(inventory, sorted({*_weight_folders(inventory)})) or (
        f"{uri} has no weights: no .safetensors or .bin files ({_content(inventory)}). "
        "Upload them there, or correct gcsUri."
    )


def _weight_folders(inventory: Inventory) -> Iterator[str]:
    for item in inventory.listing.objects:
        if "/" in item.name and item.name.endswith(_WEIGHT_SUFFIXES):
            yield item.name.rpartition("/")[0] + "/"


def _extra_downloads(inventory: Inventory) -> Iterator[Finding]:
    if not (inventory.safetensors or inventory.bins):
        return
    extra = [item for item in inventory.leftovers if item.size]
    size = _size(extra)
    if size >= _LEFTOVER_BYTES:
        yield warn(
            rules.F3,
            f"{len(extra)} files that serving does not use ({some(i.name for i in extra)}; "
            f"{gigabytes(size)}) are downloaded at every replica start. Remove them from the "
            "folder.",
        )


def _loaded_too(inventory: Inventory) -> Iterator[Finding]:
    """Tell files that serving takes for weights of the model, because no index says otherwise."""
    extra = inventory.loaded_too
    if extra:
        meant = some(item.name for item in inventory.safetensors)
        yield error(
            rules.F3,
            f"Without {SAFETENSORS_INDEX} serving loads every .safetensors of the folder: beside "
            f"{meant} also {some(item.name for item in extra)}, whose tensors are not the model's "
            "or take the place of its own. Remove what is not to be served.",
        )


def _tokenizer(inventory: Inventory) -> Iterator[Finding]:
    uri = _uri(inventory)
    if all(name in inventory for name in SLOW_TOKENIZER) and not _has(inventory, TOKENIZERS):
        yield warn(
            rules.F4,
            f"{uri} has vocab.json and merges.txt, and no tokenizer.json: transformers makes a "
            "tokenizer of them, and Google's documentation does not name them. Save it again with "
            "a fast tokenizer (AutoTokenizer), which writes tokenizer.json.",
        )
    elif not _has(inventory, TOKENIZERS):
        yield error(
            rules.F4,
            f"{uri} has neither tokenizer.json nor tokenizer.model. "
            "Copy the tokenizer of the base model there, or save it with save_pretrained.",
        )
    if TOKENIZER_CONFIG not in inventory:
        yield warn(
            rules.F4,
            f"{uri} has no tokenizer_config.json; special tokens and the chat template come from "
            "it. Copy it from the base model.",
        )
    for name in TOKENIZERS:
        item = inventory.get(name)
        if item and item.size > _MAX_TOKENIZER_BYTES:
            yield warn(rules.X1, f"{name} is {gigabytes(item.size)}; real ones are under 64 MB.")
        if item and item.size == 0:
            yield error(rules.F4, f"{name} is empty. Upload it again.")


def _has(inventory: Inventory, names: Iterable[str]) -> bool:
    return any(name in inventory for name in names)


def check_processor(inventory: Inventory) -> Iterator[Finding]:
    """Warn when a multimodal model lacks what prepares its images."""
    if not any(name in inventory for name in PROCESSORS):
        yield warn(
            rules.F4,
            "The model has a vision tower, and there is no preprocessor_config.json; serving "
            "containers may refuse to start. Copy it from the base model.",
        )


def _size(items: Iterable[ObjectInfo]) -> int:
    return sum(item.size for item in items)


def lfs_pointer(name: str) -> Finding:
    """Return the finding of a file that git-LFS has left its pointer of."""
    return error(
        rules.F3,
        f"{shown(name)} is a git-LFS pointer, not the file itself. "
        "Run git lfs pull, and upload again.",
    )
