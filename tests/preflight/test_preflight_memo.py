"""Studies are remembered by listing, and made once when many ask at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vertex_custom_weights_provider.preflight import Weights
from vertex_custom_weights_provider.preflight.weights.memo import Memo
from vertex_custom_weights_provider.storage import Listing


def listing(name: str) -> Listing:
    return Listing(f"gs://bucket/{name}", ())


def weights(complete: bool = True) -> Weights:
    return Weights("gs://bucket/a", "w1-0", (), complete=complete)


def test_a_study_under_way_is_waited_for_and_not_made_again() -> None:
    memo, made, may_end = Memo(), [], threading.Event()

    def study() -> Weights:
        made.append(1)
        may_end.wait(5)
        return weights()

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(memo.get, listing("a"), study) for _ in range(4)]
        may_end.set()
        assert len({id(answer.result()) for answer in asked}) == 1
    assert made == [1]


def test_an_incomplete_study_is_made_again() -> None:
    memo, made = Memo(), []
    for _ in range(2):
        memo.get(listing("a"), lambda: made.append(1) or weights(complete=False))
    assert made == [1, 1]


def test_a_study_that_fails_is_made_again() -> None:
    memo = Memo()

    def fail() -> Weights:
        raise KeyError("x")

    with pytest.raises(KeyError):
        memo.get(listing("a"), fail)
    assert memo.get(listing("a"), weights).complete


def test_the_oldest_study_is_forgotten_first() -> None:
    memo, made = Memo(most=2), []
    for name in "abca":
        memo.get(listing(name), lambda name=name: made.append(name) or weights())
    assert made == ["a", "b", "c", "a"]
