"""Of many refused resources one fails the preview, and every one of them is told."""

from __future__ import annotations

import threading

import pytest

from vertex_custom_weights_provider.adapter.refusals import Refusals, Refused
from vertex_custom_weights_provider.call.call import Call, Severity
from vertex_custom_weights_provider.call.current import serving
from vertex_custom_weights_provider.properties.base import Problem

WRONG = Problem("gcsUri", "is empty.")


def enforce(refusals: Refusals, urn: str, *, together: bool) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []

    def sink(severity: Severity, message: str, urn: str, ephemeral: bool) -> None:
        lines.append((severity.name, message))

    with serving(Call(urn=urn, sink=sink)):
        refusals.enforce(urn, together=together)
    return lines


def refused(*urns: str) -> Refusals:
    refusals = Refusals()
    for urn in urns:
        with refusals.checking():
            refusals.keep(urn, [WRONG])
    return refusals


def test_an_accepted_resource_passes() -> None:
    assert enforce(refused("a"), "b", together=True) == []


def test_the_first_of_many_fails_and_the_others_are_told_and_pass() -> None:
    refusals = refused("a", "b", "c")
    failed: list[str] = []

    def first() -> None:
        with pytest.raises(Refused) as error:
            enforce(refusals, "a", together=True)
        failed.append(str(error.value))

    waiting = threading.Thread(target=first)
    waiting.start()
    while refusals._first is None:
        pass
    for urn in ("b", "c"):
        assert enforce(refusals, urn, together=True) == [("ERROR", f"{urn}: gcsUri: is empty.")]
    waiting.join(10)
    assert failed == ["a: gcsUri: is empty."]


def test_each_fails_by_itself_when_something_is_really_done() -> None:
    refusals = refused("a", "b")
    for urn in ("a", "b"):
        with pytest.raises(Refused, match=f"^{urn}: gcsUri: is empty"):
            enforce(refusals, urn, together=False)


def test_a_resource_that_is_mended_is_not_refused_any_more() -> None:
    refusals = refused("a")
    refusals.keep("a", [])
    assert enforce(refusals, "a", together=False) == []
