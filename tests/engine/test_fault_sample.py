"""Whatever dies or answers badly under the real engine, the next run mends it."""

from __future__ import annotations

from .support.fault_walk import Walk, go, prepare
from .support.faulty_cloud import Fault, faulty
from .support.harness import Engine

STORM = (
    Fault("429", 2),
    Fault("reset before", 5),
    Fault("500", 9),
    Fault("reset after", 12),
    Fault("503", 17),
)


def test_a_stack_is_made_changed_and_removed_though_calls_fail_and_processes_are_killed(
    engine: Engine,
) -> None:
    walk = Walk(
        made=STORM, changed=(Fault("provider killed", 14),), removed=(Fault("CLI killed", 6),)
    )
    with faulty(engine.folder) as cloud:
        prepare(engine, cloud)
        go(engine, cloud, walk)
