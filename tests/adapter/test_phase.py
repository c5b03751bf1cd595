"""What is kept belongs to a phase of the engine, and ends with it; providers keep nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pulumi.dynamic import Config, ConfigureRequest

from vertex_custom_weights_provider.adapter import phase
from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import Call
from vertex_custom_weights_provider.call.current import serving
from vertex_custom_weights_provider.lifecycle.weights.announced import LookAhead
from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider
from vertex_custom_weights_provider.settings import Settings

URN = "urn:pulumi:dev::shop::vcw:m:Address::ip"
GOOD = {"project": "my-proj", "region": "us-central1", "subnetwork": "models"}
BAD = {**GOOD, "region": "nowhere 1"}


@pytest.fixture
def provider(tmp_path: Path) -> PscAddressProvider:
    made = PscAddressProvider()
    config = {
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorState": str(tmp_path / "emulator.db"),
    }
    made.configure(ConfigureRequest(Config(config, "shop")))
    return made


def check(provider: PscAddressProvider, inputs: dict[str, Any], within: Phase) -> dict[str, Any]:
    with within.serving(), serving(Call(urn=URN, serves_previews=True)):
        return provider.check({}, inputs).inputs


def preview(provider: PscAddressProvider, inputs: dict[str, Any], within: Phase) -> dict[str, Any]:
    with within.serving(), serving(Call(urn=URN, preview=True, serves_previews=True)):
        return provider.preview_create(inputs)


def test_a_phase_remembers_what_its_check_refused(provider: PscAddressProvider) -> None:
    first = Phase()
    inputs = check(provider, BAD, first)
    with pytest.raises(Failed, match="region"):
        preview(provider, inputs, first)


def test_the_next_phase_knows_nothing_of_it(provider: PscAddressProvider) -> None:
    check(provider, BAD, Phase())
    following = Phase()
    assert preview(provider, check(provider, GOOD, following), following)["region"] == "us-central1"


def test_a_provider_keeps_its_configuration_and_nothing_else(provider: PscAddressProvider) -> None:
    during = Phase()
    preview(provider, check(provider, GOOD, during), during)
    assert set(vars(provider)) == {"_config"}


def test_connections_and_what_came_over_them_end_with_the_phase(tmp_path: Path) -> None:
    settings = Settings.resolve({"vertex-custom-weights:backend": "emulator"}, {}, root=tmp_path)
    first, second = Phase(), Phase()
    cloud, again = (first.cloud(settings, Call()) for _ in range(2))
    assert cloud.vertex.rest.http is again.vertex.rest.http
    assert cloud.memory.of(LookAhead) is again.memory.of(LookAhead)
    other = second.cloud(settings, Call())
    assert other.memory.of(LookAhead) is not cloud.memory.of(LookAhead)
    first.close()
    later = first.cloud(settings, Call())
    assert later.vertex.rest.http is not cloud.vertex.rest.http
    assert later.memory.of(LookAhead) is not cloud.memory.of(LookAhead)
    assert second.cloud(settings, Call()).vertex.rest.http is other.vertex.rest.http
    second.close()


def test_where_the_server_has_no_phases_the_process_is_one() -> None:
    found: list[Phase] = [phase.current()]
    other = threading.Thread(target=lambda: found.append(phase.current()))
    other.start()
    other.join()
    assert found[0] is found[1]
