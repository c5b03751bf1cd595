"""`pulumi preview --json`, read."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.errors import ConfigurationError
from vertex_custom_weights_provider.report.reading.preview import UNKNOWN, Action, read_preview
from vertex_custom_weights_provider.report.reading.urns import Urn

from .support.previews import component, deployment, document, preview, step, urn


@pytest.mark.parametrize("text", ["", "error: no stack", "[1]", "{}", '{"sequence": 1}\n{}'])
def test_something_else_than_a_preview_is_refused_with_what_to_pass(text: str) -> None:
    with pytest.raises(ConfigurationError, match="pulumi preview --json"):
        read_preview(text)


def test_urn_is_taken_apart_whatever_the_name_holds() -> None:
    found = Urn.parse("urn:pulumi:dev::shop::a:b:C$d:e:F::na::me$x")

    assert (found.stack, found.project, found.types) == ("dev", "shop", ("a:b:C", "d:e:F"))
    assert found.name == "na::me$x"
    assert str(found) == "urn:pulumi:dev::shop::a:b:C$d:e:F::na::me$x"


@pytest.mark.parametrize("value", [UNKNOWN, "[secret]", None, 5, {"a": 1}])
def test_value_that_is_secret_unknown_or_no_text_reads_as_nothing(value: object) -> None:
    found = preview(deployment("chat", "create", new={"gcsUri": value}))

    assert found.resources[0].state.text("gcsUri") == ""


def test_steps_of_one_replacement_are_one_change() -> None:
    ops = ("delete-replaced", "replace", "create-replacement")
    steps = [deployment("chat", op, old={"gcsUri": "gs://b/1"}, new={}) for op in ops]

    (found,) = preview(*steps).resources

    assert found.action is Action.REPLACE
    assert found.old is not None
    assert found.new is not None


def test_left_over_of_an_earlier_replacement_does_not_hide_what_happens_now() -> None:
    (found,) = preview(deployment("chat", "delete-replaced"), deployment("chat", "same")).resources

    assert found.action is Action.SAME


def test_refresh_tells_what_was_changed_outside() -> None:
    refreshed = deployment("chat", "refresh", old={"labels": {"a": "1"}}, new={"labels": {}})

    (found,) = preview(refreshed, deployment("chat", "same")).resources

    assert found.action is Action.SAME
    assert found.drifted == ("labels",)


def test_refresh_tells_what_is_gone() -> None:
    refreshed = {**deployment("chat", "refresh")}
    del refreshed["newState"]

    (found,) = preview(refreshed, deployment("chat", "create")).resources

    assert found.gone
    assert found.action is Action.CREATE
    assert found.old is None


def test_alias_shows_the_former_name() -> None:
    made = deployment("chat", "update", old={}, new={})
    made["oldState"]["urn"] = urn("talk", "vcw:m:Deployment")

    (found,) = preview(made).resources

    assert found.renamed_from == "talk"


def test_move_below_another_parent_is_no_renaming() -> None:
    made = deployment("chat", "same", home="team")
    made["oldState"]["urn"] = urn("chat", "vcw:m:Deployment")

    assert preview(made).resources[0].renamed_from == ""


def test_unchanged_resources_that_are_counted_but_not_listed_are_known_to_be_missing() -> None:
    found = read_preview(document(component("chat"), summary={"same": 7}))

    assert found.unseen == 5


def test_providers_and_the_stack_are_no_resources() -> None:
    made = step("default", "pulumi:providers:gcp", "create")

    assert preview(made).resources == ()
    assert preview(made).stack == "dev"
