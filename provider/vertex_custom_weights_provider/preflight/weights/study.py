"""Everything that can be known about a folder of weights, whatever it is to be deployed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.architectures import FormulaError
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    Finding,
    error,
    few,
    printable,
    shown,
    some,
    warn,
)
from vertex_custom_weights_provider.storage import (
    Deadline,
    Listing,
    MissingError,
    StorageError,
    WeightsSource,
    Workers,
)
from vertex_custom_weights_provider.storage.inventory import (
    CONFIG,
    TOKENIZER_CONFIG,
    TOKENIZERS,
    Inventory,
    listing_digest,
)

from .base_model import check_identity
from .comparison import Comparison, compare, loaded_bytes
from .config_spelling import check_float16, check_rope_spelling
from .contents import Weights
from .documents import BadDocumentError, parse_object
from .executable_content import check_config_code, check_template, check_tokenizer_code
from .files import check_files, check_processor, gigabytes, lfs_pointer
from .header import Header, TensorInfo
from .index import (
    MAX_INDEX_BYTES,
    BadIndexError,
    Index,
    check_against_headers,
    check_against_listing,
    check_duplicates,
    check_numbering,
    parse_index,
)
from .quantization import check_config_quantization, check_tensor_quantization, native_rows
from .reader import BudgetExceededError, Reader
from .shards import Progress, read_headers, unread
from .tensors import check_tensors, check_types
from .tokenizer_files import (
    ADDED_TOKENS,
    SIDE_FILES,
    TAIL_BYTES,
    TOKENIZER,
    WHOLE_BYTES,
    check_added_tokens,
    check_head,
    check_special_ids,
    check_tail,
    check_tokenizer_config,
    check_whole,
    no_chat_template,
    not_json,
)

_MB = 1_000_000
_CONFIG_BYTES = 1 * _MB
_TOKENIZER_CONFIG_BYTES = 8 * _MB
_TEMPLATE_BYTES = 1 * _MB
_POINTER_BYTES = 1024
_LFS_POINTER = b"version https://git-lfs"
_PICKLE_MAGIC_BYTES = 4
_PICKLE_MAGICS = (b"PK\x03\x04", b"\x80\x02")
_MOST_PICKLES = 16
_TEMPLATES = ("chat_template.jinja", "chat_template.json")
_MORE_TEMPLATES = "additional_chat_templates/"


def list_weights(source: WeightsSource, deadline: Deadline) -> Listing | Weights:
    """List a folder; what cannot be listed is a finding, not an exception."""
    try:
        with Workers(1, "listing") as worker:
            return deadline.wait(worker.submit(source.list))
    except MissingError as missing:
        message = f"{printable(str(missing))}. Correct gcsUri, or upload the weights first."
        return Weights(source.uri, None, (error(rules.F1, message),))
    except StorageError as refused:
        message = f"The weights were not checked: {printable(str(refused)).rstrip('.')}."
        return Weights(source.uri, None, (warn(rules.F1, message),), complete=False)


def study(
    source: WeightsSource,
    listing: Listing,
    progress: Progress | None = None,
    deadline: Deadline | None = None,
) -> Weights:
    """Examine a listed folder. Bad weights are findings; nothing is raised for them."""
    inventory = Inventory(listing)
    with Reader(source, deadline or Deadline()) as reader:
        return _Study(reader, inventory, progress).run()


class _Study:
    """One examination: collects findings while it reads."""

    def __init__(self, reader: Reader, inventory: Inventory, progress: Progress | None) -> None:
        self._reader = reader
        self._inventory = inventory
        self._progress = progress
        self._findings: list[Finding] = []
        self._complete = True
        self._unread: dict[str, list[str]] = {}

    def run(self) -> Weights:
        inventory, findings = self._inventory, self._findings
        findings += check_files(inventory)
        documents = self._start_small_reads()
        config = self._document(CONFIG, documents, rules.F2, _CONFIG_BYTES)
        text = catalog.read_config(config)
        rows = catalog.identify(text).rows
        if config:
            self._check_config(config, text, rows)
        self._check_tokenizers(documents, text, rows)
        self._check_pickles(documents)
        index = self._index(documents)
        headers = self._headers(index)
        expected = set(index.weight_map.values()) if index else {i.name for i in inventory.weights}
        whole = expected == set(headers)
        served = self._check_tensors(config, rows, headers, whole=whole)
        findings += [unread(names, why) for why, names in self._unread.items()]
        return Weights(
            uri=inventory.listing.uri,
            digest=listing_digest(inventory.listing),
            findings=few(findings),
            rows=rows,
            config=config,
            text=text,
            bytes_on_disk=sum(item.size for item in inventory.served),
            served_bytes=served if whole else None,
            tensors=sum(len(header.tensors) for header in headers.values()),
            native=bool(native_rows(config, rows)),
            complete=self._complete,
        )

    def _check_config(
        self, config: Mapping[str, Any], text: catalog.TextConfig, rows: Sequence[catalog.Model]
    ) -> None:
        self._findings += check_identity(config, text)
        self._findings += check_config_quantization(config, rows, self._inventory)
        self._findings += check_config_code(config, rows, self._inventory)
        self._findings += check_rope_spelling(config)
        self._findings += check_float16(config)
        self._findings += check_special_ids(CONFIG, {**config, **text.values}, text)
        if text.has_vision:
            self._findings += check_processor(self._inventory)

    def _start_small_reads(self) -> dict[str, Future[bytes]]:
        inventory = self._inventory
        reads: dict[str, Future[bytes]] = {}
        for name, cap in self._small_files().items():
            item = inventory.get(name)
            if item is not None and 0 < item.size <= cap:
                reads[name] = self._reader.later(item, 0, item.size)
            elif item is not None and item.size and name == TOKENIZER:
                reads[name] = self._reader.later(item, item.size - TAIL_BYTES, TAIL_BYTES)
        for item in () if inventory.safetensors else inventory.bins[:_MOST_PICKLES]:
            if item.size:
                reads[item.name] = self._reader.later(item, 0, _PICKLE_MAGIC_BYTES)
        return reads

    def _small_files(self) -> dict[str, int]:
        """Return the names of what is read whole, if it is not longer than this."""
        wanted = {
            CONFIG: _CONFIG_BYTES,
            TOKENIZER_CONFIG: _TOKENIZER_CONFIG_BYTES,
            **dict.fromkeys(TOKENIZERS, _POINTER_BYTES),
            TOKENIZER: WHOLE_BYTES,
            **dict.fromkeys(_TEMPLATES, _TEMPLATE_BYTES),
            **dict.fromkeys(SIDE_FILES, _CONFIG_BYTES),
        }
        if self._inventory.index:
            wanted[self._inventory.index.name] = MAX_INDEX_BYTES
        return wanted

    def _bytes(self, name: str, reads: Mapping[str, Future[bytes]]) -> bytes | None:
        future = reads.get(name)
        if future is None:
            return None
        try:
            return self._reader.deadline.wait(future)
        except (StorageError, BudgetExceededError) as failed:
            self._complete = False
            reason = str(failed) or "the folder's small files are too large together"
            self._unread.setdefault(reason, []).append(name)
            return None

    def _document(
        self, name: str, reads: Mapping[str, Future[bytes]], rule: rules.Rule, cap: int
    ) -> dict[str, Any]:
        item = self._inventory.get(name)
        if item is None:
            return {}
        make = error if name in (CONFIG, TOKENIZER_CONFIG) else warn
        if item.size > cap:
            size = gigabytes(item.size)
            large = error if name == CONFIG else warn
            message = f"{name} is {size}; real ones are under {cap} bytes."
            self._findings.append(large(rule, message))
            return {}
        data = self._bytes(name, reads) if item.size else b""
        if data is None:
            return {}
        if data.startswith(_LFS_POINTER):
            self._findings.append(lfs_pointer(name))
            return {}
        try:
            return parse_object(data, for_arithmetic=name == CONFIG, constants=True)
        except BadDocumentError as broken:
            self._findings.append(make(rule, not_json(name, data, str(broken))))
            return {}

    def _check_tokenizers(
        self,
        reads: Mapping[str, Future[bytes]],
        text: catalog.TextConfig,
        rows: Sequence[catalog.Model],
    ) -> None:
        config = self._document(TOKENIZER_CONFIG, reads, rules.F4, _TOKENIZER_CONFIG_BYTES)
        self._findings += check_tokenizer_code(config)
        self._findings += check_tokenizer_config(config, text)
        self._check_tokenizer(reads, config, text)
        for name in SIDE_FILES:
            document = self._document(name, reads, rules.F4, _CONFIG_BYTES)
            self._findings += check_special_ids(name, document, text)
            if name == ADDED_TOKENS:
                self._findings += check_added_tokens(document, text)
        templates = [name for name in self._inventory.listing.by_name if _is_template(name)]
        if not templates and config and not config.get("chat_template"):
            self._findings += no_chat_template(rows)
        for name in _TEMPLATES:
            item = self._inventory.get(name)
            if item and item.size > _TEMPLATE_BYTES:
                self._findings.append(warn(rules.X1, f"{name} is over 1 MB. Real ones are not."))
            data = self._bytes(name, reads)
            if data:
                self._findings += check_template(name, data.decode("utf-8", "replace"))

    def _check_tokenizer(
        self,
        reads: Mapping[str, Future[bytes]],
        config: Mapping[str, Any],
        text: catalog.TextConfig,
    ) -> None:
        """Look into a short `tokenizer.json`, and at the ends of a long one."""
        for name in TOKENIZERS:
            data = self._bytes(name, reads)
            item = self._inventory.get(name)
            if data is None or item is None:
                continue
            if data.startswith(_LFS_POINTER):
                self._findings.append(lfs_pointer(name))
            elif name == TOKENIZER and item.size <= WHOLE_BYTES:
                self._findings += check_whole(data, text)
            elif name == TOKENIZER:
                self._findings += check_tail(data)
                if "added_tokens_decoder" not in config:  # transformers 5 names them here only
                    head = {name: self._reader.later(item, 0, WHOLE_BYTES)}
                    self._findings += check_head(self._bytes(name, head) or b"", text)

    def _check_pickles(self, reads: Mapping[str, Future[bytes]]) -> None:
        """Look at the first four bytes of pickled weights, and never further."""
        if self._inventory.safetensors:
            return
        odd: list[str] = []
        for item in self._inventory.bins[:_MOST_PICKLES]:
            magic = self._bytes(item.name, reads) or b""
            if magic == _LFS_POINTER[:_PICKLE_MAGIC_BYTES]:
                self._findings.append(lfs_pointer(item.name))
            elif not magic.startswith(_PICKLE_MAGICS):
                odd.append(item.name)
        if odd:
            self._findings.append(
                error(rules.F3, f"{some(odd)}: neither a zip nor a pickle, so not PyTorch weights.")
            )

    def _index(self, reads: Mapping[str, Future[bytes]]) -> Index | None:
        inventory, findings = self._inventory, self._findings
        findings += check_numbering(inventory)
        item = inventory.index
        if item is None:
            if len(inventory.weights) > 1:
                findings.append(
                    error(
                        rules.S2,
                        f"{len(inventory.weights)} weight files without an index. "
                        "Upload the .index.json that belongs to them, or save them again.",
                    )
                )
            return None
        if item.size > MAX_INDEX_BYTES:
            findings.append(
                error(rules.S2, f"{shown(item.name)} is over 32 MB; real ones are not.")
            )
            return None
        data = self._bytes(item.name, reads) if item.size else b""
        if data is None:
            return None
        if data.startswith(_LFS_POINTER):
            findings.append(lfs_pointer(item.name))
            return None
        try:
            index = parse_index(data)
        except BadIndexError as broken:
            findings.append(error(rules.S2, f"{shown(item.name)}: {broken}. Upload a correct one."))
            return None
        findings += check_against_listing(index, inventory)
        return index

    def _headers(self, index: Index | None) -> Mapping[str, Header]:
        files = self._inventory.safetensors
        shards = read_headers(self._reader, files, index, self._progress)
        self._findings += shards.findings
        self._complete = self._complete and not shards.unread
        # What the index does not name has been remarked on, and is not loaded.
        named = set(index.weight_map.values()) if index else shards.headers.keys()
        headers = {file: header for file, header in shards.headers.items() if file in named}
        if index:
            self._findings += check_against_headers(index, headers)
        else:
            self._findings += check_duplicates(headers)
        extra = [name for header in headers.values() for name in header.extra_fields]
        if extra:
            message = f"Headers describe tensors with unknown fields ({some(extra)})."
            self._findings.append(warn(rules.S1, message))
        return headers

    def _check_tensors(
        self,
        config: Mapping[str, Any],
        rows: Sequence[catalog.Model],
        headers: Mapping[str, Header],
        *,
        whole: bool,
    ) -> int | None:
        """Check all tensors, and return how many bytes of them are served."""
        tensors = [tensor for header in headers.values() for tensor in header.tensors]
        if not headers:
            return None
        if not tensors:
            self._findings.append(error(rules.S1, "The weight files hold no tensors at all."))
            return None
        quantized = list(check_tensor_quantization(config, rows, tensors))
        self._findings += quantized
        compared = self._compared(config, tensors)
        if compared is None:
            return sum(map(loaded_bytes, tensors))
        self._findings += check_tensors(compared, whole=whole)
        if not any(finding.severity == "error" for finding in quantized):
            self._findings += check_types(compared)
        return compared.served_bytes

    def _compared(
        self, config: Mapping[str, Any], tensors: Sequence[TensorInfo]
    ) -> Comparison | None:
        """Compare with the layout; None where nothing is known of such a model's tensors."""
        try:
            return compare(config, tensors)
        except FormulaError as unknown:
            if not any(f.id == rules.F2.id and f.severity == "error" for f in self._findings):
                self._findings.append(_unsized(unknown))
            return None


def _unsized(unknown: FormulaError) -> Finding:
    return error(
        rules.F2,
        f"config.json: the sizes of tensors do not follow from {shown(str(unknown))}. Upload the "
        "config.json that was saved with the weights.",
    )


def _is_template(name: str) -> bool:
    """Whether a file of the folder is a chat template."""
    return name in _TEMPLATES or name.startswith(_MORE_TEMPLATES)
