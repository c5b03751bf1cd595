"""Strict parsing of safetensors headers.

Stricter than the reference library in three points its format description asks for: no duplicate
tensor names, nothing before the opening brace, no unknown fields without a word.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any, NamedTuple, cast

import msgspec

from vertex_custom_weights_provider.preflight.findings import shown

from .documents import BadDocumentError, parse_object

LENGTH_BYTES = 8
MAX_HEADER_BYTES = 16_000_000

_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
_FIELDS = 3
# A name, three keys and a type, in two quotation marks each.
_TEXTS_OF_A_TENSOR = 10
_OTHER_TEXTS = 10_000
_MAX_COMMAS = 1_000_000
_GAP = rb"[ \t\n\r]*+"
# No half of a surrogate pair without the other.
_CODE = (
    rb"[0-9a-cA-CeEfF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}"
    rb"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_STRING = rb'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:%b)))*+"' % _CODE
_TEXTS = rb'\{%(gap)b(?:%(text)b%(gap)b:%(gap)b%(text)b%(gap)b(?:,%(gap)b(?=")|(?=\})))*+\}' % {
    b"gap": _GAP,
    b"text": _STRING,
}
_METADATA = re.compile(rb'("__metadata__"%b:%b)%b' % (_GAP, _GAP, _TEXTS))
_MAX_INTEGER = 2**64 - 1
_LOOKALIKES = (
    (b"version ", "a git-LFS pointer, not the file itself; run git lfs pull before uploading"),
    (b"GGUF", "a GGUF file under another name"),
    (b"PK\x03\x04", "a zip or PyTorch pickle file under another name"),
    (b"\x80\x02", "a Python pickle under another name"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"<", "an HTML or XML page, probably a saved error message"),
)


class BadHeaderError(ValueError):
    """The file is not a valid safetensors file; the message says why."""


class TensorInfo(NamedTuple):
    """What a header says about one tensor; a tuple, because there may be a hundred thousand."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def nbytes(self) -> int:
        """Bytes of its data."""
        return self.end - self.begin

    @property
    def elements(self) -> int:
        """Number of stored elements."""
        return prod(self.shape)


class Header(msgspec.Struct, frozen=True):
    """A valid header.

    Attributes:
        tensors: In the order of their data.
        extra_fields: Tensors that carry fields the format does not have.
    """

    tensors: tuple[TensorInfo, ...]
    extra_fields: tuple[str, ...]


def header_length(start: bytes, file_size: int) -> int:
    """Return the length of the header from a file's first bytes.

    Raises:
        BadHeaderError: it cannot be one, or is longer than anybody should read.
    """
    if file_size < LENGTH_BYTES or len(start) < LENGTH_BYTES:
        message = f"it has {file_size} bytes; a header alone takes more"
        raise BadHeaderError(message)
    length = int.from_bytes(start[:LENGTH_BYTES], "little")
    if length > min(file_size - LENGTH_BYTES, MAX_HEADER_BYTES):
        _refuse_lookalike(start)
    if length > file_size - LENGTH_BYTES:
        message = f"its header claims {length} bytes of a file of {file_size}"
        raise BadHeaderError(message)
    if length > MAX_HEADER_BYTES:
        message = f"its header is {length} bytes long; the limit is {MAX_HEADER_BYTES}"
        raise BadHeaderError(message)
    if length < len(b"{}"):
        message = "its header is empty"
        raise BadHeaderError(message)
    return length


def _refuse_lookalike(start: bytes) -> None:
    for magic, what in _LOOKALIKES:
        if start.startswith(magic):
            message = f"it is {what}"
            raise BadHeaderError(message)


def parse_header(text: bytes, data_size: int) -> Header:
    """Parse the header text of a file with `data_size` bytes of data after it.

    Raises:
        BadHeaderError: says which rule of the format is broken.
    """
    if not text.startswith(b"{"):
        message = "its header does not start with '{'"
        raise BadHeaderError(message)
    if not _is_text(text):
        message = "its header is invalid: it is not UTF-8"
        raise BadHeaderError(message)
    text = _METADATA.sub(rb"\1{}", text)  # It may be megabytes, and says nothing about tensors.
    if text.count(b'"') > _TEXTS_OF_A_TENSOR * text.count(b"{") + _OTHER_TEXTS:
        message = "its header holds more than descriptions of tensors"
        raise BadHeaderError(message)
    try:
        entries = parse_object(text, max_commas=_MAX_COMMAS)
    except BadDocumentError as broken:
        message = f"its header is invalid: {broken}"
        raise BadHeaderError(message) from None
    _check_metadata(entries.pop("__metadata__", None))
    tensors: list[TensorInfo] = []
    extra: list[str] = []
    for name in list(entries):
        tensor, has_more = _tensor(name, entries.pop(name))
        tensors.append(tensor)
        if has_more:
            extra.append(name)
    tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
    _check_layout(tensors, data_size)
    return Header(tuple(tensors), tuple(extra))


def _is_text(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False


def _check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not all(
        isinstance(text, str) and _is_unicode(text)
        for entry in cast("dict[str, Any]", metadata).items()
        for text in entry
    ):
        message = "its __metadata__ is not a map of strings"
        raise BadHeaderError(message)


def _tensor(name: str, entry: Any) -> tuple[TensorInfo, bool]:
    if not name.isascii() and not _is_unicode(name):
        message = "a tensor name is not valid Unicode"
        raise BadHeaderError(message)
    if not isinstance(entry, dict):
        raise _broken(name, "is not described by an object")
    fields = cast("dict[str, Any]", entry)
    try:
        dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    except KeyError as missing:
        raise _broken(name, f"has no {missing.args[0]}") from None
    if not isinstance(dtype, str) or dtype not in _BITS:
        raise _broken(name, f"has the unknown dtype {shown(str(dtype)[:40])}")
    if not _integers(shape):
        raise _broken(name, "has a shape that is not a list of sizes")
    if not _integers(offsets) or len(offsets) != len(("begin", "end")):
        raise _broken(name, "has data_offsets that are not two positions")
    begin, end = cast("list[int]", offsets)
    tensor = TensorInfo(name, dtype, tuple(cast("list[int]", shape)), begin, end)
    _check_size(tensor)
    return tensor, len(fields) > _FIELDS


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integers(value: Any) -> bool:
    if type(value) is not list:
        return False
    items = cast("list[Any]", value)
    if not items:
        return True
    return set(map(type, items)) == {int} and min(items) >= 0 and max(items) <= _MAX_INTEGER


def _check_size(tensor: TensorInfo) -> None:
    if tensor.end < tensor.begin:
        raise _broken(tensor.name, "ends before it begins")
    bits = _BITS[tensor.dtype]
    elements = 1
    for size in tensor.shape:
        elements *= size
        # The reference refuses an overflow on the way even if a later size is zero.
        if elements > _MAX_INTEGER:
            raise _broken(tensor.name, "has a shape too large for any file")
    bits *= elements
    if bits > _MAX_INTEGER:
        raise _broken(tensor.name, "has a shape too large for any file")
    if bits % 8:
        raise _broken(tensor.name, "does not fill whole bytes")
    if bits // 8 != tensor.end - tensor.begin:
        raise _broken(
            tensor.name,
            f"needs {bits // 8} bytes by shape and dtype, and its offsets hold {tensor.nbytes}",
        )


def _check_layout(tensors: list[TensorInfo], data_size: int) -> None:
    position = 0
    for tensor in tensors:
        if tensor.begin != position:
            how = "overlaps another" if tensor.begin < position else "leaves a hole before it"
            raise _broken(tensor.name, how)
        position = tensor.end
    if position > data_size:
        message = f"its tensors need {position} bytes and it has {data_size}: cut off, or upload "
        message += "unfinished"
        raise BadHeaderError(message)
    if position < data_size:
        message = f"it has {data_size - position} bytes after its last tensor"
        raise BadHeaderError(message)


def _broken(name: str, how: str) -> BadHeaderError:
    return BadHeaderError(f"tensor {shown(name)} {how}")
