"""The header parser agrees with the reference, and is stricter where the format asks for it."""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, safe_open

from vertex_custom_weights_provider.preflight.weights.header import (
    BadHeaderError,
    header_length,
    parse_header,
)

DTYPES = ["F32", "BF16", "F8_E4M3", "U8", "I64", "F4", "F6_E2M3", "BOOL", "C64", "F128", "f32"]


def ours(blob: bytes, size: int) -> bool:
    try:
        length = header_length(blob[:8], size)
        parse_header(blob[8 : 8 + length], size - 8 - length)
    except BadHeaderError:
        return False
    return True


def reference(blob: bytes, size: int) -> bool:
    with tempfile.NamedTemporaryFile() as file:
        file.write(blob)
        file.truncate(size)
        file.flush()
        try:
            with safe_open(file.name, "np"):
                return True
        except (SafetensorError, ValueError, OSError):
            return False


def blob_of(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


small = st.integers(min_value=0, max_value=9)
odd_number = st.sampled_from(
    [-1, 2**32, 2**63, 2**64 - 1, 2**64, 10**40, 1.0, True, None, "1", -0.0]
)
dimension = st.one_of(small, small, small, odd_number)
offsets = st.lists(st.one_of(small, small, odd_number), max_size=3)


@st.composite
def laid_out(draw: Any) -> tuple[dict[str, Any], int]:
    """Tensors laid out one after another: valid, but for whole bytes and unknown types."""
    bits = {"F32": 32, "BF16": 16, "I64": 64, "F4": 4, "F6_E2M3": 6, "C64": 64}
    entries: dict[str, Any] = {}
    end = 0
    for name in draw(st.lists(st.text(max_size=5), max_size=5, unique=True)):
        dtype = draw(st.sampled_from(DTYPES))
        shape = draw(st.lists(small, max_size=3))
        size = bits.get(dtype, 8)
        for item in shape:
            size *= item
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size // 8]}
        end += size // 8
    return entries, end


@st.composite
def disturbed(draw: Any) -> tuple[dict[str, Any], int]:
    """A layout with one thing changed anywhere in it."""
    entries, end = draw(laid_out())
    if entries:
        entry = entries[draw(st.sampled_from(sorted(entries)))]
        field = draw(st.sampled_from(["dtype", "shape", "data_offsets", "extra", "gone", "none"]))
        if field == "dtype":
            entry["dtype"] = draw(st.one_of(st.sampled_from(DTYPES), odd_number))
        elif field == "shape":
            entry["shape"] = draw(st.one_of(st.lists(dimension, max_size=4), odd_number))
        elif field == "data_offsets":
            entry["data_offsets"] = draw(st.one_of(offsets, odd_number))
        elif field == "extra":
            entry["extra"] = draw(st.one_of(odd_number, st.lists(small), st.text(max_size=3)))
        elif field == "gone":
            del entry[draw(st.sampled_from(["dtype", "shape", "data_offsets"]))]
    if draw(st.booleans()):
        entries["__metadata__"] = draw(
            st.one_of(
                st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
                st.dictionaries(st.text(max_size=3), odd_number, max_size=2),
                odd_number,
            )
        )
    return entries, max(end + draw(st.integers(-2, 2)), 0) if draw(st.booleans()) else end


@settings(max_examples=250, deadline=None)
@given(layout=laid_out())
def test_laid_out_header_is_judged_as_the_reference_judges_it(layout):
    entries, data = layout
    blob = blob_of(json.dumps(entries).encode())
    assert ours(blob, len(blob) + data) == reference(blob, len(blob) + data)


@settings(max_examples=250, deadline=None)
@given(layout=disturbed())
def test_disturbed_header_is_judged_as_the_reference_judges_it(layout):
    entries, data = layout
    blob = blob_of(json.dumps(entries).encode())
    assert ours(blob, len(blob) + data) == reference(blob, len(blob) + data)


@settings(max_examples=300, deadline=None)
@given(raw=st.binary(max_size=60), size=st.integers(0, 100))
def test_random_bytes_raise_nothing_else_and_agree(raw, size):
    blob = blob_of(b"{" + raw)
    assert ours(blob, len(blob) + size) == reference(blob, len(blob) + size)


@st.composite
def described(draw: Any) -> tuple[bytes, int]:
    """A layout with metadata among its tensors, well or badly written."""
    entries, end = draw(laid_out())
    texts = st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=4)
    odd = st.sampled_from([None, 1, [], {"a": 1}, {"a": None}, {"a": {}}, "x"])
    metadata = json.dumps(
        draw(st.one_of(texts, texts, texts, odd)), ensure_ascii=draw(st.booleans())
    )
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(metadata)))
        metadata = (
            metadata[:at]
            + draw(st.sampled_from(['"', "\\", ",", "}", "\n", "\\u00e9"]))
            + metadata[at:]
        )
    gap = draw(st.sampled_from(["", " ", "\n\t"]))
    written = [f"{json.dumps(name)}:{gap}{json.dumps(entry)}" for name, entry in entries.items()]
    place = draw(st.integers(0, len(written)))
    written.insert(place, f'"__metadata__"{gap}:{gap}{metadata}')
    return ("{" + f"{gap},{gap}".join(written) + "}").encode("utf-8", "surrogatepass"), end


@settings(max_examples=500, deadline=None)
@given(header=described())
def test_header_with_metadata_is_judged_as_the_reference_judges_it(header):
    text, data = header
    blob = blob_of(text)
    assert ours(blob, len(blob) + data) == reference(blob, len(blob) + data)


@pytest.mark.parametrize(
    "header",
    [
        rb'{"__metadata__":{},}',
        rb'{"__metadata__":{"a":"b"},}',
        rb'{"__metadata__":{},"a":%b}',
        rb'{"a":%b,"__metadata__":{},}',
        rb'{,"__metadata__":{}}',
        rb'{"__metadata__":{"a":"b",}}',
        rb'{"__metadata__":{"a":"1","a":"2"}}',
        rb'{"__metadata__":{"":"\u001f\ud800\udc00\ud800\\udc00"}}',
        rb'{"__metadata__":{"":"\ud800\udc00"}}',
        rb'{"__metadata__":{"\udc00":""}}',
        rb'{"\u005f_metadata__":{"":"\ud800"}}',
        rb'{"\u005f_metadata__":{"\udc00":""}}',
        rb'{"\u005f_metadata__":{"a":"b"}}',
        b'{"__metadata__":\x0c{"a":"b"}}',
        b'{"__metadata__":{\x0b"a":"b"}}',
        rb'{"a},"__metadata__":{}":%b}',
        rb'{"\"__metadata__":{"a":"b"},"a":%b}',
        rb'{"a":{"note":{"__metadata__":{"a":1}},%b,"__metadata__":{"a":"b"}}',
        rb'{"a":{"note":{},"__metadata__":{"a":"b"},%b,"__metadata__":{"a":"b"}}',
    ],
)
def test_metadata_is_judged_where_it_stands_as_the_reference_judges_it(header):
    nested = header.startswith(b'{"a":{')
    header = header.replace(b"%b", GOOD[1:] if nested else GOOD)
    blob = blob_of(header)
    size = len(blob) + (4 if GOOD[1:] in header else 0)
    assert ours(blob, size) == reference(blob, size)


def test_metadata_is_skipped_and_not_built():
    many = b",".join(b'"%d":"%d"' % (n, n) for n in range(500_000))
    header = b'{"__metadata__":{%b},"a":%b}' % (many, GOOD)
    tracemalloc.start()
    try:
        (tensor,) = parse_header(header, 4).tensors
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tensor.name == "a"
    assert peak < len(header)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b'{"__metadata__":{},"a":%b,"__metadata__":{}}', "twice"),
        (b'{"__metadata__":{"a":1},"a":%b}', "not a map of strings"),
        (b'{"a":{' + b",".join(b'"%d":"x"' % n for n in range(6000)) + b'},"b":%b}', "more than"),
    ],
)
def test_what_is_no_header_is_refused_before_it_is_built(header, why):
    with pytest.raises(BadHeaderError, match=why):
        parse_header(header.replace(b"%b", GOOD), 4)


GOOD = b'{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b' {"a":%b}' % GOOD, "does not start with"),
        (b'{"a":%b,"a":%b}' % (GOOD, GOOD), "twice"),
    ],
)
def test_parser_is_stricter_where_the_format_asks_for_it(header, why):
    blob = blob_of(header)
    assert reference(blob, len(blob) + 4)
    with pytest.raises(BadHeaderError, match=why):
        parse_header(header, 4)


def test_extra_field_is_accepted_and_named():
    entry = b'{"dtype":"F32","shape":[1],"data_offsets":[0,4],"note":[]}'
    assert parse_header(b'{"a":%b}' % entry, 4).extra_fields == ("a",)


def test_tensors_come_in_the_order_of_their_data():
    second = b'{"dtype":"F32","shape":[1],"data_offsets":[4,8]}'
    parsed = parse_header(b'{"b":%b,"a":%b}' % (second, GOOD), 8)
    assert [tensor.name for tensor in parsed.tensors] == ["a", "b"]


def test_long_header_is_refused_before_it_is_read(tmp_path: Path):
    start = (20_000_000).to_bytes(8, "little")
    with pytest.raises(BadHeaderError, match="limit is 16000000"):
        header_length(start, 30_000_000)
