"""Between Pulumi's dynamic provider protocol and the lifecycles.

Everything Pulumi-shaped ends here: unknown values, floats for counts, property bags, results and
failures. Works on our provider host and on Pulumi's bundled server; what only the host can do
(computed outputs in previews, recording an unfinished resource) is offered, not required.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import UNKNOWN, Unknown

from vertex_custom_weights_provider.adapter import findings_log, phase
from vertex_custom_weights_provider.adapter.as_it_stands import (
    as_it_stands,
    look_anew,
    look_for_another_state,
    will_change,
)
from vertex_custom_weights_provider.adapter.refusals import Refused
from vertex_custom_weights_provider.adapter.saying import (
    deprecated,
    say,
    say_remembered,
    say_unheard,
    warn_once,
)
from vertex_custom_weights_provider.adapter.served_call import named, served
from vertex_custom_weights_provider.adapter.unchanged import same_inputs
from vertex_custom_weights_provider.call.call import Call, InitFailed
from vertex_custom_weights_provider.errors import Unfinished, VcwError
from vertex_custom_weights_provider.settings import KEYS, NAMESPACE
from vertex_custom_weights_provider.tokens import canonical

if TYPE_CHECKING:
    from vertex_custom_weights_provider.api.cloud import Cloud
    from vertex_custom_weights_provider.lifecycle.contract import Examined, Lifecycle, Live
    from vertex_custom_weights_provider.lifecycle.explanation import Explanation
    from vertex_custom_weights_provider.properties.parsing import Parsed

Bag = dict[str, Any]

_CONFIG_KEYS = tuple(f"{key.namespace}:{name}" for name, key in KEYS.items())


class _Configured(Protocol):
    def get(self, key: str, /) -> Any: ...


def configuration(config: _Configured) -> dict[str, str]:
    """Return what this package reads of a stack's configuration."""
    found = {key: config.get(key) for key in _CONFIG_KEYS}
    return {key: str(value) for key, value in found.items() if value is not None}


class Failed(VcwError):
    """A lifecycle's error, as the person sees it: the message alone."""


class VertexProvider(ResourceProvider):
    """Base of all provider classes. Holds nothing that could be pickled."""

    serialize_as_secret_always = False
    resource_type: ClassVar[str]

    _config: Mapping[str, str] = MappingProxyType({})

    def __getstate__(self) -> dict[str, Any]:
        """Pickle nothing: the class's import path is all that state has to remember."""
        return {}

    def configure(self, req: ConfigureRequest) -> None:
        """Take from the stack's configuration what this package reads."""
        self._config = configuration(req.config)
        phase.current().endpoints = req.config.get(f"{NAMESPACE}:endpoints")

    def check(self, _olds: Bag, news: Bag) -> CheckResult:
        """Validate, choose ids and look ahead; report everything that is wrong at once."""
        with phase.current().refusals.checking():
            return self._check(_olds, news)

    def _check(self, _olds: Bag, news: Bag) -> CheckResult:
        call = served()
        noticed = phase.current().of(call.urn)
        given = {**news, "owner": canonical(call.urn) or news.get("owner")}
        noticed.living = noticed.living or bool(_olds)
        if noticed.living:
            given.pop("adopt", None)  # not the first creation: this may be a replacement
        noticed.same = same_inputs(_olds, given) and self._still_so(_olds, call)
        if noticed.same:
            return CheckResult(_public(_olds), [])
        return self._examine(call, _olds, given)

    def _still_so(self, olds: Bag, call: Call) -> bool:
        """Tell whether what the inputs point at is still the same; subclasses may look."""
        del olds, call
        return True

    def _healthy(self, olds: Bag) -> bool:
        """Tell whether nothing in the outputs asks for a change."""
        from vertex_custom_weights_provider.lifecycle.status import Status, connected, status_of

        return status_of(olds) is Status.READY and connected(olds)

    def _examine(self, call: Call, _olds: Bag, given: Bag) -> CheckResult:
        from msgspec.structs import replace

        from vertex_custom_weights_provider.properties.parsing import parse

        lifecycle = self._lifecycle()
        parsed = parse(lifecycle.model, given, _is_unknown)
        urn = given["owner"] if isinstance(given["owner"], str) else None
        with _told_plainly():
            if given.get("adopt") is None:
                examined = lifecycle.examine(parsed, _public(_olds), urn, self._cloud(call))
            else:
                parsed, examined = self._examine_adoption(call, parsed, urn)
        problems = (*parsed.problems, *examined.problems)
        if problems and not call.serves_previews:
            return CheckResult(given, [CheckFailure(p.path, p.message) for p in problems])
        phase.current().refusals.keep(call.urn, problems)
        for warning in (*deprecated(lifecycle.model, given), *examined.warnings):
            warn_once(call, warning)
        notes = (replace(note, resource=call.urn) for note in examined.notes)
        phase.current().of(call.urn).remember(notes)
        if examined.facts is not None:
            findings_log.record(call.urn, examined.facts, call.masked)
        unknown = {key: given[key] for key in parsed.unknown}
        accepted = {} if problems else {**parsed.spec.wire(), **examined.chosen}
        return CheckResult({**(given if problems else unknown), **accepted}, [])

    def _examine_adoption(
        self, call: Call, parsed: Parsed[Any], urn: str | None
    ) -> tuple[Parsed[Any], Examined]:
        """Look at what is to be adopted, and keep its outputs for the preview."""
        from vertex_custom_weights_provider.lifecycle import adoption

        noticed = phase.current().of(call.urn)
        judged = adoption.examine(
            self._lifecycle(), parsed, urn, self._cloud(call), replaced=noticed.deleted
        )
        noticed.adopting = judged.outputs
        if not call.serves_previews:  # nobody will ask for the outputs, and hear it then
            say(call, judged.examined.notes)
        return judged.parsed, judged.examined

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Answer yes or no by the property table, and keep the reasons for the preview."""
        call = served()
        noticed = phase.current().of(call.urn)
        look_anew(call)
        _olds = self._standing(_olds, call)
        if noticed.same and self._healthy(_olds):
            return DiffResult(changes=False, replaces=[])
        from vertex_custom_weights_provider.lifecycle.deployment.left_behind import Replaced
        from vertex_custom_weights_provider.lifecycle.deployment.resumed import dated

        lifecycle = self._lifecycle()
        explained = self._explain(_olds, _news)
        diff = explained.diff
        result = DiffResult(
            changes=bool(diff.changes),
            replaces=[change.path for change in diff.replacing],
            delete_before_replace=diff.old_goes_first,
        )
        suffix = {True: "_REPLACE", False: ""}
        result.detailed = {c.path: c.kind + suffix[c.replaces] for c in diff.changes}  # pyright: ignore[reportAttributeAccessIssue]
        if diff.replacing:
            outputs = _outputs(lifecycle, _olds)
            self._cloud(call).memory.of(Replaced).expect(outputs)
            if not diff.old_goes_first:
                noticed.in_use = frozenset(v for v in outputs.values() if isinstance(v, str) and v)
        if not phase.current().refusals.of(call.urn):
            noticed.remember(dated(explained.lines, _outputs(lifecycle, _olds), self._cloud(call)))
        return result

    def _standing(self, olds: Bag, call: Call) -> Bag:
        return as_it_stands(self.resource_type, olds, call, lambda: self._cloud(call))

    def preview_create(self, props: Bag) -> Bag:
        """Return the outputs that a creation would have, as far as they are known."""
        call = served()
        inputs, noticed = _public(props), phase.current().of(call.urn)
        known, names = self._lifecycle().previewed(inputs)
        if not noticed.adopting:
            whole = {**inputs, **known}
            look_for_another_state(self.resource_type, whole, call, lambda: self._cloud(call))
        _enforce(call, together=True)
        say_remembered(call)
        say_unheard(call)
        # Ids are taken together: with one of them in use, all walk on to their successors.
        made = [name for name in known.values() if name and name != inputs.get("endpoint")]
        if noticed.in_use.intersection(made):
            known = {key: value for key, value in known.items() if value not in made}
        return {**props, **dict.fromkeys(names, UNKNOWN), **known, **noticed.adopting}

    def preview_update(self, id_: str, olds: Bag, news: Bag) -> Bag:
        """Return the outputs that an update would have: a change in place keeps them."""
        from vertex_custom_weights_provider.lifecycle.status import REMOVED, status_of
        from vertex_custom_weights_provider.properties.table import properties

        del id_
        call = served()
        olds = self._standing(olds, call)
        _enforce(call, together=True)
        say_remembered(call)
        say_unheard(call)
        lifecycle = self._lifecycle()
        known, names = lifecycle.previewed(_public(news))
        outputs = _outputs(lifecycle, olds)
        removed = status_of(outputs) in REMOVED  # its name may be reserved for a while
        unfinished = lifecycle.ailing(outputs) is not None or removed
        rolls = self._explain(olds, news).diff.rolling_out
        rolled = {row.wire for row in properties(lifecycle.model.outputs) if row.renewed and rolls}
        kept = {
            key: UNKNOWN if unfinished or key in rolled else olds.get(key, UNKNOWN) for key in names
        }
        return {**news, **kept, **(known if unfinished and not removed else {})}

    def create(self, props: Bag) -> CreateResult:
        """Create, or finish what an earlier try began."""
        from vertex_custom_weights_provider.properties.parsing import load

        lifecycle, call = self._lifecycle(), served()
        _enforce(call, together=False)
        will_change(call)
        spec = load(lifecycle.model, props)
        with _told_plainly(), _recorded(spec):
            if spec.adopt is None:
                live = lifecycle.create(spec, self._cloud(call))
            else:
                from vertex_custom_weights_provider.lifecycle import adoption

                live = adoption.adopt(lifecycle, spec, self._cloud(call))
        return CreateResult(live.id, _outs(live))

    def read(self, id_: str, props: Bag) -> ReadResult:
        """Return what is there; an empty id when it is gone. Errors keep the state as it is."""
        from vertex_custom_weights_provider.properties.parsing import load

        lifecycle, call = self._lifecycle(), served()
        spec = load(lifecycle.model, props) if _has_inputs(lifecycle, props) else None
        with _told_plainly():
            live = lifecycle.read(id_, spec, _outputs(lifecycle, props), self._cloud(call))
        if live is None:
            return ReadResult("", {})
        outs = _outs(live)
        inputs = live.spec.wire()
        if spec is None and call.urn:
            inputs["owner"] = outs["owner"] = canonical(call.urn)
            self._warn_of_other_manager(live, call)
        return ReadResult(id_, outs, inputs)

    def _warn_of_other_manager(self, live: Live[Any], call: Call) -> None:
        """Warn of an import that another stack would not know of: its labels may just be old."""
        from vertex_custom_weights_provider.lifecycle import adoption

        with _told_plainly():
            holder = adoption.other_manager(live, canonical(call.urn), self._cloud(call))
        if holder is not None:
            call.warn(
                f"{live.id} is marked as {holder}'s (project/stack/resource). Should that stack "
                "still have it, let it go there first (`pulumi state delete`): otherwise both "
                "change it, and either one's destroy removes it."
            )

    def update(self, _id: str, _olds: Bag, _news: Bag) -> UpdateResult:
        """Change in place, or finish what an earlier try began."""
        from vertex_custom_weights_provider.properties.parsing import load

        lifecycle, call = self._lifecycle(), served()
        _enforce(call, together=False)
        old, new = load(lifecycle.model, _olds), load(lifecycle.model, _news)
        outputs = _outputs(lifecycle, self._standing(_olds, call))
        will_change(call)
        with _told_plainly(), _recorded(new):
            live = lifecycle.update(_id, old, outputs, new, self._cloud(call))
        return UpdateResult(_outs(live))

    def delete(self, _id: str, _props: Bag) -> None:
        """Remove, unless the deletion policy says to leave it."""
        from vertex_custom_weights_provider.properties.parsing import load

        lifecycle, call = self._lifecycle(), served()
        props = _public(_props)
        noticed = phase.current().of(call.urn)
        noticed.living, noticed.deleted = False, True
        will_change(call)
        if props.get("deletionPolicy") == "abandon":
            call.info(f"left {_id} in place (deletionPolicy: abandon)")
            return
        with _told_plainly():
            spec = load(lifecycle.model, props)
            lifecycle.delete(_id, spec, _outputs(lifecycle, props), self._cloud(call))

    def _lifecycle(self) -> Lifecycle[Any]:
        # Imported late: previews of other resources and `pulumi` start-up do not pay for it.
        from vertex_custom_weights_provider.lifecycle.lifecycles import lifecycle_of

        return lifecycle_of(self.resource_type)

    def _cloud(self, call: Call) -> Cloud:
        from vertex_custom_weights_provider.settings import Settings

        return phase.current().cloud(Settings.resolve(self._config), call)

    def _explain(self, olds: Bag, news: Bag) -> Explanation:
        from vertex_custom_weights_provider.lifecycle.diff import PropertyChange
        from vertex_custom_weights_provider.lifecycle.explanation import explain
        from vertex_custom_weights_provider.properties.base import IN_PLACE

        urn = served().urn
        # A refused resource must reach the step that reports it, though nothing else changed.
        refused = [
            PropertyChange(problem.path, "UPDATE", IN_PLACE, None, None)
            for problem in phase.current().refusals.of(urn)
        ]
        old, new = _public(olds), _public(news)
        return explain(self._lifecycle(), old, new, _is_unknown, resource=urn, also=refused)


def _enforce(call: Call, *, together: bool) -> None:
    with _told_plainly():
        phase.current().refusals.enforce(call.urn, together=together)


@contextmanager
def _told_plainly() -> Generator[None]:
    """Turn the package's errors into their message, behind the resource's name, and no causes."""
    try:
        yield
    except Unfinished:
        raise
    except Refused as error:  # said already as people read it
        raise Failed(str(error)) from None
    except VcwError as error:
        from vertex_custom_weights_provider.lifecycle.remedies.permissions import told

        raise Failed(named(served().urn, told(error))) from None


@contextmanager
def _recorded(spec: Any) -> Generator[None]:
    """Have an unfinished resource saved, with what is known of it."""
    try:
        yield
    except Unfinished as unfinished:
        outs = {**spec.wire(), **unfinished.outputs}
        raise InitFailed(unfinished.id, outs, [str(unfinished)]) from None


def _outs(live: Live[Any]) -> Bag:
    return {**live.spec.wire(), **live.outputs}


def _has_inputs(lifecycle: Lifecycle[Any], bag: Mapping[str, Any]) -> bool:
    """Tell a refresh, which knows the inputs, from an import, which has to find them out."""
    from vertex_custom_weights_provider.properties.table import properties

    needed = (row.wire for row in properties(lifecycle.model) if row.required)
    return all(bag.get(key) is not None for key in needed)


def _outputs(lifecycle: Lifecycle[Any], bag: Mapping[str, Any]) -> Bag:
    """Return what only the cloud knew, without the inputs that state keeps beside it."""
    from vertex_custom_weights_provider.properties.table import output_names

    return {name: bag[name] for name in output_names(lifecycle.model) if bag.get(name) is not None}


def _public(bag: Mapping[str, Any]) -> Bag:
    return {key: value for key, value in bag.items() if not key.startswith("__")}


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Unknown)
