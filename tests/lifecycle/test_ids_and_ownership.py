"""Ids that are chosen, and labels that say whose an object is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.api.cloud import StackState
from vertex_custom_weights_provider.lifecycle.identity import ids, ownership
from vertex_custom_weights_provider.lifecycle.identity.ownership import Stamp

from .support.inputs import deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import World

STATE = StackState("0123456789ab")
URN = "urn:pulumi:dev::shop::vcw:m:Endpoint::chat"
ENDPOINT_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
MODEL_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
COMPUTE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL = re.compile(r"[a-z0-9_-]{0,63}")
NAMES = st.text(min_size=1, max_size=100)


def urn(name: str, stack: str = "dev", project: str = "shop") -> str:
    return f"urn:pulumi:{stack}::{project}::t::{name}"


@given(NAMES)
def test_a_chosen_id_is_valid_everywhere_it_is_used(name: str) -> None:
    for candidate in ids.candidates(ids.choose(urn(name))):
        for pattern in (ENDPOINT_ID, MODEL_ID, COMPUTE_NAME):
            assert pattern.fullmatch(candidate), candidate


@given(NAMES, st.lists(st.integers()))
def test_the_same_owner_and_inputs_get_the_same_id_on_every_run(
    name: str, inputs: list[int]
) -> None:
    assert ids.choose(urn(name), *inputs) == ids.choose(urn(name), *inputs)


@pytest.mark.parametrize(
    "other",
    [
        ids.choose(urn("chat", stack="prod")),
        ids.choose(urn("chat", project="other")),
        ids.choose(urn("chat"), "gs://other"),
        ids.choose(urn("chat"), None),
    ],
)
def test_other_owners_and_other_inputs_get_other_ids(other: str) -> None:
    assert other != ids.choose(urn("chat"))


def test_an_id_begins_with_what_a_person_would_look_for() -> None:
    assert ids.choose(urn("Chat Endpoint")).startswith("chat-endpoint-")
    assert ids.choose(urn("7b")).startswith("m-7b-")
    assert ids.choose(urn("chat"), readable="Sales bot").startswith("sales-bot-")


def test_successors_come_in_one_order_and_never_repeat() -> None:
    found = list(ids.candidates("chat"))
    assert found[:3] == ["chat", "chat-2", "chat-3"]
    assert len(set(found)) == len(found)


def test_the_successors_of_the_longest_id_stay_within_the_limit() -> None:
    found = list(ids.candidates("a" * 63))
    assert max(map(len, found)) == 63
    assert len(set(found)) == len(found)


@given(NAMES)
def test_chosen_ids_and_their_successors_are_recognised(name: str) -> None:
    assert all(ids.is_chosen(c) for c in ids.candidates(ids.choose(urn(name))))


@pytest.mark.parametrize("id", ["llama", "chat-2", "my-model-v1", "deadbeef"])
def test_ids_that_people_choose_are_not_taken_for_ours(id: str) -> None:
    assert not ids.is_chosen(id)


@given(NAMES, NAMES, NAMES)
def test_every_ownership_label_is_one_that_google_takes(
    name: str, stack: str, project: str
) -> None:
    stamp = Stamp(
        urn(name, stack, project), ownership.new_incarnation(), STATE, ownership.shape_of(1)
    )
    for key, value in stamp.labels().items():
        assert LABEL.fullmatch(key)
        assert LABEL.fullmatch(value), value


def test_a_stamp_keeps_strangers_and_wins_over_nobody_but_itself() -> None:
    written = ownership.stamp(
        {"team": "x"}, Stamp(URN, "token", StackState()), {"stranger": "1", "team": "old"}
    )
    assert written["stranger"] == "1"
    assert written["team"] == "x"
    assert written[ownership.INCARNATION] == "token"


def test_strangers_are_what_neither_we_nor_the_program_account_for() -> None:
    live = {"team": "x", "tier": "1", "stranger": "1", "mg-deploy": "y", "vcw-owner": "o"}
    found = ownership.foreign(live, {"team": "y"}, {"tier": "0"})
    assert found == {"stranger": "1", "mg-deploy": "y"}


def test_a_program_sees_its_own_labels_and_an_import_sees_all_but_ours() -> None:
    live = {"team": "x", "stranger": "1", "mg-deploy": "y", "vcw-owner": "o"}
    assert ownership.seen(live, {"team": "y", "gone": "z"}) == {"team": "x"}
    assert ownership.seen(live, None) == {"team": "x", "stranger": "1"}


def test_only_the_owner_may_take_an_object_over() -> None:
    ownership.verify("endpoint e", Stamp(URN, "t", STATE).labels(), URN)
    with pytest.raises(errors.ForeignOwner, match="shop/prod/chat"):
        ownership.verify("endpoint e", Stamp(urn("chat", "prod"), "t", STATE).labels(), URN)
    with pytest.raises(errors.ForeignOwner, match="pulumi import"):
        ownership.verify("endpoint e", {}, URN)
    with pytest.raises(errors.ForeignOwner):
        ownership.verify("endpoint e", {}, None)


@pytest.mark.parametrize(
    ("there", "held", "superseded"),
    [("new", "old", True), ("old", "old", False), ("", "old", False), ("new", None, True)],
)
def test_a_newer_token_fences_the_older_one_off(
    there: str, held: str | None, superseded: bool
) -> None:
    assert ownership.superseded({ownership.INCARNATION: there}, held) is superseded


def test_an_object_of_other_inputs_is_told_by_its_shape() -> None:
    by = Stamp(URN, "t", STATE, ownership.shape_of("gs://a"))
    other = Stamp(URN, "t", STATE, ownership.shape_of("gs://b"))
    assert not ownership.of_other_shape(by.labels(), by)
    assert ownership.of_other_shape(other.labels(), by)
    assert not ownership.of_other_shape({}, by), "made before shapes were written"


@pytest.mark.parametrize(
    ("kind", "inputs"), [("Endpoint", endpoint()), ("CustomWeightsDeployment", deployment())]
)
def test_a_stack_may_be_made_and_removed_twenty_five_times_in_a_week(
    world: World, kind: str, inputs: dict[str, Any]
) -> None:
    engine = SmallEngine(world, kind)
    for _ in range(25):
        engine.up(inputs)
        engine.destroy()
    engine.up(inputs)
    assert engine.saved is not None
    assert engine.saved.outs["endpointName"].endswith("-26")
    assert engine.preview(inputs) == "unchanged"
