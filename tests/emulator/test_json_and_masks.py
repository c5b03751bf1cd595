"""Reading JSON as Google's parser does, and the masks that pick fields."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider.emulator.envelope import ApiError, parse_json
from vertex_custom_weights_provider.emulator.http import fields
from vertex_custom_weights_provider.emulator.http.routing import compile_template

texts = st.text(st.sampled_from('ab,]}"\\: \n'), max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(texts, values, max_size=4)


def with_trailing_commas(value: Any) -> str:
    if isinstance(value, dict):
        inner = "".join(f"{json.dumps(k)}: {with_trailing_commas(v)},\n" for k, v in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{with_trailing_commas(item)}, " for item in value) + "]"
    return json.dumps(value)


@given(documents)
def test_trailing_commas_change_nothing_about_what_is_read(document: dict[str, Any]) -> None:
    assert parse_json(with_trailing_commas(document).encode()) == document


@pytest.mark.parametrize("raw", [b"{,}", b"[1]", b"{", b'{"a": }', b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ApiError, match="Invalid JSON payload received"):
        parse_json(raw)


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_json(b" ") == {}


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("a", {"a": 1}),
        ("b(c)", {"b": {"c": 2}}),
        ("b/d,a", {"b": {"d": 3}, "a": 1}),
        ("b/c,b/d", {"b": {"c": 2, "d": 3}}),
        ("list(x)", {"list": [{"x": 1}, {}]}),
        ("*", {"a": 1, "b": {"c": 2, "d": 3}, "list": [{"x": 1}, {"y": 2}]}),
        ("missing", {}),
    ],
)
def test_partial_response_keeps_what_the_mask_names(mask: str, expected: dict[str, Any]) -> None:
    document = {"a": 1, "b": {"c": 2, "d": 3}, "list": [{"x": 1}, {"y": 2}]}
    assert fields.select(document, fields.parse(mask)) == expected


@given(documents, documents)
def test_update_writes_exactly_what_its_mask_names(
    before: dict[str, Any], update: dict[str, Any]
) -> None:
    names = [name for name in {*before, *update} if re.fullmatch(r"[a-z]+", name)]
    after = json.loads(json.dumps(before))
    fields.apply_update(after, update, names[:1])
    for name in {*before, *update}:
        source = update if name in names[:1] else before
        assert after.get(name) == source.get(name)


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/{version}/{name=a/*}:go", "/v1/a/b:go", {"version": "v1", "name": "a/b"}),
        ("/{version}/{name=a/*}", "/v1/a/b:go", None),
        (
            "/{version}/{name=p/*/a/*}",
            "/ui/p/x.com:y/a/b",
            {"version": "ui", "name": "p/x.com:y/a/b"},
        ),
        ("/{version}/{name=a/*}", "/v2/a/b", None),
        ("/b/{bucket}/o/{object=**}", "/b/x/o/y/z", {"bucket": "x", "object": "y/z"}),
    ],
)
def test_template_matches_googles_paths(
    template: str, path: str, expected: dict[str, str] | None
) -> None:
    found = compile_template(template).match(path)
    assert (found.groupdict() if found else None) == expected
