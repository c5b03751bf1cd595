"""The picture of an endpoint as a Mermaid diagram, which GitHub draws in comments."""

from __future__ import annotations

from collections.abc import Iterator

from vertex_custom_weights_provider.report.pages.markup import mermaid
from vertex_custom_weights_provider.report.topology import Mark, Node, Rank, Topology

# Shape says the station, so that the picture is understood without colours.
_SHAPES = {
    Rank.NETWORK: ('(["', '"])'),
    Rank.RULE: ('["', '"]'),
    Rank.ATTACHMENT: ('[["', '"]]'),
    Rank.ENDPOINT: ('{{"', '"}}'),
    Rank.DEPLOYMENT: ('["', '"]'),
    Rank.WEIGHTS: ('[("', '")]'),
}
_TOUCHED = "stroke-width:3px"
_REMOVED = "stroke-dasharray:4 3"
_LONG = 60


def diagram(topology: Topology) -> str:
    """Return the text of a diagram, without the fence around it."""
    return "\n".join(_lines(topology))


def _lines(topology: Topology) -> Iterator[str]:
    yield "flowchart LR"
    for node in topology.nodes:
        before, after = _SHAPES[node.rank]
        yield f"  {node.key}{before}{_label(node)}{after}"
    for edge in topology.edges:
        label = f'|"{mermaid(edge.label)}"|' if edge.label else ""
        yield f"  {edge.source} -->{label} {edge.target}"
    for node in topology.nodes:
        if node.mark is not Mark.SAME:
            yield f"  style {node.key} {_REMOVED if node.mark is Mark.REMOVED else _TOUCHED}"


def _label(node: Node) -> str:
    mark = f" - {node.mark.value}" if node.mark is not Mark.SAME else ""
    lines = [mermaid(_short(node.title)) + mark, mermaid(_short(node.detail))]
    return "<br/>".join(line for line in lines if line)


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG // 2]}…{text[-_LONG // 2 :]}"
