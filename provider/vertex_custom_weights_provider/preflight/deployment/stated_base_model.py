"""M1: are the weights of the family and of the base model that the program states."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.preflight import rules
from vertex_custom_weights_provider.preflight.findings import (
    BASE_MODEL,
    FAMILY,
    Finding,
    error,
    shown,
    warn,
)
from vertex_custom_weights_provider.preflight.request import Request
from vertex_custom_weights_provider.preflight.weights.contents import Weights

from .service_opinion import Opinion, named


def check_stated(request: Request, weights: Weights, opinion: Opinion) -> Iterator[Finding]:
    """Compare what the program says of the weights with what they are.

    Near relatives of the stated model, of its shape and not in the table, are what it says; that
    they are not documented is a finding of its own. Where the service knows the folder, it decides.
    """
    wrong = tuple(_check_family(request, weights))
    yield from wrong
    if request.base_model is None or wrong:
        return  # of a model of another family nothing more is to be said
    try:
        stated = catalog.model(request.base_model)
    except catalog.UnknownModelError as unknown:
        make = error if request.strict else warn
        yield make(
            rules.M1,
            f"{unknown} If the weights are of a model that is on no list of Google's, leave "
            "baseModel away.",
            BASE_MODEL,
        )
        return
    found = _found(weights)
    ids = {row.id for row in weights.rows}
    theirs = named(opinion.base_model) if opinion.base_model else set[str]()
    if opinion.base_model and theirs:
        found = found if theirs & ids else shown(opinion.base_model)
        ids = theirs
    elif not weights.rows and weights.text and weights.text.shape == stated.shape:
        return
    if found and stated.id not in ids:
        make = error if request.strict else warn
        yield make(
            rules.M1,
            f"baseModel says {stated.name}, and the weights are of {found}. The default machine "
            "follows baseModel: correct it, or gcsUri.",
            BASE_MODEL,
        )


def _check_family(request: Request, weights: Weights) -> Iterator[Finding]:
    """Refuse weights of another family; of what is of no known one nothing is said."""
    families = _families(weights)
    if request.family is None or not families or request.family in families:
        return
    theirs = " or ".join(sorted(families))
    yield error(
        rules.M1,
        f"the weights are of {_found(weights)}, and not of the family {request.family}. Take that "
        f"of {theirs}, or none (in a program `CustomWeightsEndpoint`); or correct gcsUri.",
        FAMILY,
    )


def _families(weights: Weights) -> set[str]:
    """Return the families that weights may be of: by their model, else by their type."""
    if weights.rows:
        return {row.family for row in weights.rows}
    shape = weights.text.shape if weights.text else None
    kind = shape.model_type if shape else None
    return {row.family for row in catalog.models() if row.shape.model_type == kind}


def _found(weights: Weights) -> str:
    if weights.rows:
        return " or ".join(row.name for row in weights.rows)
    shape = weights.text.shape if weights.text else None
    if shape is None:
        return ""
    kind = shown(shape.model_type)
    return f"another model ({kind}, {shape.layers} layers, hidden size {shape.hidden})"
