"""Our host and the bundled server, asked the same, answer byte for byte the same."""

from __future__ import annotations

from typing import Any

from dynamic_harness import UNKNOWN, DynamicServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_providers import Describing, Differing, Echo

# The engine sends no lone surrogates, and keys that start with "__" are its own.
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
keys = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="_"), min_size=1)
leaves = st.none() | st.booleans() | st.floats(allow_nan=False) | text | st.just(UNKNOWN)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
bags = st.dictionaries(keys, values, max_size=4)
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _bytes(message: Any) -> bytes:
    return message.SerializeToString(deterministic=True)


@relaxed
@given(bag=bags)
def test_any_bag_is_checked_alike(
    host_server: DynamicServer, bundled_server: DynamicServer, bag: dict[str, Any]
) -> None:
    ours = host_server.check(Describing(), bag, bag)
    theirs = bundled_server.check(Describing(), bag, bag)

    assert _bytes(ours) == _bytes(theirs)


@relaxed
@given(bag=bags)
def test_any_bag_is_created_alike(
    host_server: DynamicServer, bundled_server: DynamicServer, bag: dict[str, Any]
) -> None:
    ours = host_server.create(Echo(), bag)
    theirs = bundled_server.create(Echo(), bag)

    assert _bytes(ours) == _bytes(theirs)


@relaxed
@given(olds=bags, news=bags)
def test_any_change_is_updated_alike(
    host_server: DynamicServer,
    bundled_server: DynamicServer,
    olds: dict[str, Any],
    news: dict[str, Any],
) -> None:
    ours = host_server.update(Echo(), "id", olds, news)
    theirs = bundled_server.update(Echo(), "id", olds, news)

    assert _bytes(ours) == _bytes(theirs)


def test_every_kind_of_diff_is_answered_alike(
    host_server: DynamicServer, bundled_server: DynamicServer
) -> None:
    for answer in ("undecided", "same", "changed", "replaced"):
        ours = host_server.diff(Differing(), "id", {}, {"answer": answer})
        theirs = bundled_server.diff(Differing(), "id", {}, {"answer": answer})

        assert _bytes(ours) == _bytes(theirs), answer
