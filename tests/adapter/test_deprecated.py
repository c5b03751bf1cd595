"""A property that something else is to be used for says so, wherever it is shown."""

from __future__ import annotations

from typing import Annotated

from vertex_custom_weights_provider.adapter.saying import deprecated
from vertex_custom_weights_provider.adapter.schema import _Resources
from vertex_custom_weights_provider.properties.base import IN_PLACE, Spec, says


class Old(Spec, frozen=True, kw_only=True):
    """A resource whose property got another name."""

    speed: Annotated[str | None, says("How fast.", deprecated="use pace"), IN_PLACE] = None
    pace: Annotated[str | None, says("How fast."), IN_PLACE] = None


def test_the_schema_carries_it_for_editors_and_the_description_for_readers() -> None:
    made = _Resources(lambda name: name, "x:")._resource(Old)["inputProperties"]
    assert made["speed"]["deprecationMessage"] == "use pace"
    assert made["speed"]["description"] == "How fast. Deprecated: use pace."
    assert "deprecationMessage" not in made["pace"]


def test_whoever_gives_it_is_warned() -> None:
    (line,) = deprecated(Old, {"speed": "slow", "pace": "slow"})
    assert (line.id, line.severity) == ("speed", "warn")
    assert line.text == "speed is deprecated: use pace"
    assert list(deprecated(Old, {"pace": "slow"})) == []
