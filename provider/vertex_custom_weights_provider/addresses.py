"""Under which URL an endpoint is called, as outputs, reports and questions have it."""

from __future__ import annotations

_GOOGLE = ".prediction.p.vertexai.goog"


def private_name(endpoint: str, project_number: str) -> str:
    """Return the name under which Google's certificate holds for a private endpoint.

    Args:
        endpoint: Full resource name of the endpoint.
        project_number: Number of the endpoint's project.
    """
    _, _, _, location, _, endpoint_id = endpoint.split("/")
    return f"{endpoint_id}-{location}-{project_number}{_GOOGLE}"


def is_certified(host: str) -> bool:
    """Tell whether Google's certificate for private endpoints holds for a host."""
    return host.endswith(_GOOGLE)


def base_url(private: str, public: str, endpoint: str) -> str:
    """Return the URL that `/chat/completions` is appended to; empty when there is no host.

    Private hosts are called without TLS unless by Google's name: the certificate holds for no other
    one, and the connection does not leave Google's network.

    Args:
        private: Address or name in a consumer network; empty where nothing is connected.
        public: DNS name of a public endpoint; empty for a private one.
        endpoint: Full resource name of the endpoint.
    """
    if private:
        scheme = "https" if is_certified(private) else "http"
        return f"{scheme}://{private}/v1beta1/{endpoint}"
    return f"https://{public}/v1beta1/{endpoint}" if public else ""
