"""Behaviour that belongs to no single method, with what it rests on; for the documentation."""

from __future__ import annotations

from .http.call import Note, assumed, documented, reported

TOPICS: tuple[tuple[str, tuple[Note, ...]], ...] = (
    (
        "Operations",
        (
            Note("contract", "`done` is absent until the operation has ended."),
            reported("The payload's `@type` is of the version that started the operation."),
            reported("A version-less client polls below `/ui/`; it means v1beta1."),
            documented("Quota, stockout and crashes may arrive inside an operation that is done."),
            assumed("Enums have the published values."),
            assumed("Durations are invented: 3 s for a deployment, 0.3 s for all else."),
        ),
    ),
    (
        "Names",
        (
            documented("Answers name projects by number; requests may use id or number."),
            assumed("Allowlists come back as they were sent."),
            assumed("Every project exists; its number is derived from its id."),
            assumed("A regional host refuses the resources of another location with 400."),
        ),
    ),
    (
        "Private Service Connect",
        (
            documented("An attachment goes about ten minutes after its last deployment."),
            documented("A project has at most ten different allowlists."),
            documented("A blank allowlist allows the endpoint's own project."),
            assumed("Endpoints of one project and region with equal allowlists share one."),
            assumed("A secure private endpoint wants a bearer token; any token will do."),
        ),
    ),
    (
        "Hosts",
        (
            documented("Loopback and `*.googleapis.com` are the API."),
            documented("`*.prediction.vertexai.goog` is the dedicated endpoint of that name."),
            documented("The address of an ACCEPTED rule leads to the endpoints behind it."),
            assumed("Any other host answers predictions with 404."),
        ),
    ),
    (
        "Answers of models",
        (assumed("No model runs. The answer says so and repeats the question, word by word."),),
    ),
)
