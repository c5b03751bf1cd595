"""The probe finds out what holds, makes nothing that stays, and keeps nobody's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
import typer
from tests.lifecycle.support.world import PROJECT, World
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli import probe as command
from vertex_custom_weights_provider.emulator import assembly, dialects
from vertex_custom_weights_provider.probe import (
    QUESTIONS,
    QUESTIONS_OF_A_DEPLOYMENT,
    Finding,
    Recording,
    Session,
    ask_all,
    ask_of_a_deployment,
    replay,
)

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.json"))
# Dialects that show without a deployment, which would cost money.
SEEN_FOR_NOTHING = (
    "created-endpoint-visible-at-once",
    "etag-not-checked",
    "stale-etag-400",
    "fixed-fields-ignored",
    "operations-list-ignores-filter",
    "cancel-refused",
    "project-number-everywhere",
    "recommend-spec-unavailable",
    "delete-answers-done-at-once",
    "deleted-endpoint-gone-at-once",
    "taken-address-refused-at-once",
    "missing-target-accepted",
)
# Those that show on one deployment.
SEEN_BY_A_DEPLOYMENT = (
    "labels-dropped-on-deploy",
    "endpoint-visible-late",
    "endpoint-visible-at-once-without-labels",
    "operation-metadata-without-ids",
    "artifact-uri-absent",
    "taken-id-in-operation",
    "replicas-late",
    "psc-pending-minutes",
    "model-left-by-undeploy",
)
WEIGHTS = "gs://weights/llama"
Start = Callable[..., World]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    worlds: list[World] = []

    def begin(*spoken: str) -> World:
        folder = tmp_path / str(len(worlds))
        folder.mkdir()
        worlds.append(World(folder, dialects=spoken))
        return worlds[-1]

    yield begin
    for world in worlds:
        world.close()


def session(world: World) -> Session:
    return Session(world.cloud.vertex.rest, PROJECT, "us-central1", "default", world.clock.sleep)


def differing(world: World) -> list[str]:
    found = list(ask_all(session(world)))
    assert len(found) == len(QUESTIONS)
    return [one.statement for one in found if one.verdict == "differs"]


def test_all_that_is_asked_holds_of_the_emulator(start: Start) -> None:
    world = start()
    assert {one.verdict for one in ask_all(session(world))} == {"holds"}
    assert world.things() == {}


@pytest.mark.parametrize("dialect", SEEN_FOR_NOTHING)
def test_exactly_the_statement_that_a_dialect_turns_round_differs(
    start: Start, dialect: str
) -> None:
    world = start(dialect)
    assert differing(world) == [dialects.table()[dialect].statement]
    assert world.things() == {}


def test_all_that_is_asked_of_a_deployment_holds_of_the_emulator(start: Start) -> None:
    world = start()
    found = list(ask_of_a_deployment(session(world), WEIGHTS))
    assert {one.verdict: one for one in found}.keys() == {"holds"}, found
    assert len(found) == len(QUESTIONS_OF_A_DEPLOYMENT)
    world.advance(120)
    assert world.things() == {}


@pytest.mark.parametrize("dialect", SEEN_BY_A_DEPLOYMENT)
def test_a_deployment_shows_what_a_dialect_turns_round(start: Start, dialect: str) -> None:
    world = start(dialect)
    found = list(ask_of_a_deployment(session(world), WEIGHTS))
    differs = {one.statement for one in found if one.verdict == "differs"}
    # What Google then has without labels shows in the labels as well.
    assert dialects.table()[dialect].statement in differs
    assert len(differs) <= 2
    world.advance(600)
    assert world.things() == {}


def test_a_deployment_that_fails_is_removed_and_nothing_is_seen(start: Start) -> None:
    world = start()
    world.direct.put(
        "http://localhost/_emulator/scenarios/active", json={"names": ["container-crash"]}
    ).raise_for_status()
    found = list(ask_of_a_deployment(session(world), WEIGHTS))
    assert {one.verdict for one in found} == {"not seen"}
    assert "the deployment failed" in found[0].seen
    assert world.things() == {}


@pytest.mark.parametrize("after", [0, 3, 6])
def test_an_interrupted_deployment_leaves_nothing(start: Start, after: int) -> None:
    world = start()
    asking = ask_of_a_deployment(session(world), WEIGHTS)
    list(islice(asking, after + 1))
    with pytest.raises(KeyboardInterrupt):
        asking.throw(KeyboardInterrupt)  # pyright: ignore[reportAttributeAccessIssue]
    world.advance(120)
    assert world.things() == {}


def test_ctrl_c_while_it_deploys_cancels_and_removes(start: Start) -> None:
    world = start()
    interrupted = session(world)
    glances = iter(range(5))

    def sleep(seconds: float) -> None:
        if next(glances, None) is None:
            interrupted.sleep = world.clock.sleep
            raise KeyboardInterrupt
        world.clock.sleep(seconds)

    interrupted.sleep = sleep
    with pytest.raises(KeyboardInterrupt):
        list(ask_of_a_deployment(interrupted, WEIGHTS))
    world.advance(600)
    later = session(world)
    later.leftovers()
    later.clean()
    world.advance(600)
    assert world.things() == {}


@pytest.mark.parametrize(
    "question",
    [*QUESTIONS, *QUESTIONS_OF_A_DEPLOYMENT],
    ids=lambda question: question.statement[:40],
)
def test_every_question_is_about_a_statement_of_the_documentation(question: object) -> None:
    documented = {note.text for route in assembly.router().routes for note in route.notes}
    documented |= {note.text for _, notes in assembly_topics() for note in notes}
    assert getattr(question, "statement", "") in documented


def assembly_topics() -> tuple[tuple[str, tuple[object, ...]], ...]:
    from vertex_custom_weights_provider.emulator.behaviour_notes import TOPICS

    return TOPICS  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("after", [0, 1, 6, 8, 11, 14, 15])
def test_an_interruption_leaves_nothing(start: Start, after: int) -> None:
    world = start()
    asking = ask_all(session(world))
    list(islice(asking, after + 1))
    with pytest.raises(KeyboardInterrupt):
        asking.throw(KeyboardInterrupt)  # pyright: ignore[reportAttributeAccessIssue]
    world.advance(60)
    assert world.things() == {}


def test_what_a_killed_probe_has_left_is_found_and_removed(start: Start) -> None:
    world = start("missing-target-accepted")
    killed = session(world)
    for question in QUESTIONS:
        question.ask(killed)
    world.advance(60)
    assert len(world.things()) == 3  # an endpoint, addresses, a rule
    later = session(world)
    assert later.leftovers()
    assert later.clean() == []
    world.advance(60)
    assert world.things() == {}


def test_a_probe_leaves_what_others_have(start: Start) -> None:
    world = start()
    name = f"projects/{PROJECT}/locations/us-central1/endpoints"
    world.must("POST", name, {"displayName": "theirs"}, endpointId="theirs")
    again = session(world)
    list(ask_all(again))
    assert again.leftovers() == []
    assert world.things() == {"endpoints": ["theirs"]}


def _recorded(world: World, path: Path) -> Recording:
    asking = session(world)
    Recording.of(asking, list(ask_all(asking)), "2026-12-01").write(path)
    return Recording.read(path)


def test_a_recording_names_no_project(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    recording = _recorded(start(), path)
    assert PROJECT not in path.read_text()
    assert len(recording.findings) == len(QUESTIONS)
    assert {call.status for call in recording.calls} >= {200, 404, 409, 412}


def test_a_recording_is_replayed_against_another_cloud(start: Start, tmp_path: Path) -> None:
    recording = _recorded(start("stale-etag-400", "cancel-refused"), tmp_path / "recording.json")
    assert list(replay(recording, recording.findings)) == []
    told = list(replay(recording, ask_all(session(start()))))
    assert len(told) == 2
    assert told[0].startswith("A stale etag is 409 ABORTED. Recorded on 2026-12-01: differs")


def test_what_was_not_seen_contradicts_nothing() -> None:
    seen = Finding("It holds.", "holds", "")
    recording = Recording("2026-12-01", "r", "s", (seen,), ())
    assert list(replay(recording, [Finding("It holds.", "not seen", "")])) == []
    assert len(list(replay(recording, [Finding("It holds.", "differs", "")]))) == 1
    assert len(list(replay(recording, []))) == 1


def test_recordings_of_google_agree_with_the_emulator(start: Start) -> None:
    asking = session(start())
    here = [*ask_all(asking), *ask_of_a_deployment(asking, WEIGHTS)]
    told = {path.name: list(replay(Recording.read(path), here)) for path in RECORDINGS}
    assert not any(told.values()), told
    assert {one.verdict for one in here} == {"holds"}


def _vcw(*options: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command.probe)
    done = CliRunner().invoke(app, list(options))
    return done.exit_code, done.output


def test_the_command_says_beforehand_what_it_makes_and_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    code, output = _vcw("--backend", "emulator")
    assert code == 1  # nobody has said yes
    assert "which cost nothing" in output
    assert "holds" not in output


def test_the_command_wants_a_project_on_google() -> None:
    code, output = _vcw("--yes")
    assert code == 2
    assert "--project" in output
