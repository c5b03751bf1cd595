"""Who lacks which right, and how to grant it."""

from __future__ import annotations

import re

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.lifecycle.remedies.pages import see

AGENT_ROLE = "roles/aiplatform.user"
ADVISED = "vcw-advised"
_COMPUTE_QUOTA = ("QUOTA_EXCEEDED", "quotaExceeded")
_MORE = (
    "Release what is not used, or ask for more on "
    "https://console.cloud.google.com/iam-admin/quotas, then run again."
)
_PERMISSION = re.compile(r"[Pp]ermission '?([a-z]+\.[A-Za-z]+\.[A-Za-z]+)'?")
_NUMBER = re.compile(r"projects/(\d+)/")
_AGENT = re.compile(r"service-\d+@gcp-sa-[\w.-]+\.com")
_BUCKET = re.compile(r"gs://([a-z0-9][\w.-]*)")
# The narrowest predefined role that holds what this package asks for.
_ROLES = {
    "aiplatform": "roles/aiplatform.user",
    "artifactregistry": "roles/artifactregistry.reader",
    "bigquery": "roles/bigquery.dataEditor on the dataset",
    "compute": "roles/compute.networkAdmin",
    "iam": "roles/iam.serviceAccountUser on the service account",
    "storage": "roles/storage.objectViewer on the bucket",
    "serviceusage": "roles/serviceusage.serviceUsageConsumer",
    "servicedirectory": "roles/servicedirectory.editor",
    "cloudkms": "roles/cloudkms.cryptoKeyEncrypterDecrypter on the key",
}


def agent_of(number: str) -> str:
    """Return the Vertex AI service agent of a project number."""
    return f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"


def service_agent(operation: str) -> str:
    """Return the service agent of the project an operation ran in; empty when not known.

    Operations bear the project's number, whatever the request named.
    """
    found = _NUMBER.match(operation)
    return agent_of(found.group(1)) if found else ""


def told(error: errors.VcwError) -> str:
    """Return an error's message; a refusal gets the advice that goes with it, once.

    Vertex AI's quotas are another matter: there the machine and the region decide.
    """
    if isinstance(error, errors.PermissionDenied) and ADVISED not in error.metadata:
        return f"{str(error).rstrip('.')}. {advice(error)}"
    if isinstance(error, errors.ResourceExhausted) and error.status in _COMPUTE_QUOTA:
        return f"{str(error).rstrip('.')}. {_MORE}"
    return str(error)


def advice(refused: errors.ApiError) -> str:
    """Return what to do about a refusal for want of a right or of an enabled API."""
    if refused.reason == "SERVICE_DISABLED":
        service = str(refused.metadata.get("service", "aiplatform.googleapis.com"))
        project = str(refused.metadata.get("consumer", "")).rpartition("/")[2]
        scope = f" --project={project}" if project else ""
        return f"Run `gcloud services enable {service}{scope}`, wait a few minutes, then try again."
    permission = refused.metadata.get("permission")
    return for_message(f"{refused.message} Permission '{permission}'")


def for_message(message: str) -> str:
    """Return which role to grant to whom, read from Google's words."""
    if "storage.objects" in message:
        return bucket(message, "")
    agent = _AGENT.search(message)
    whom = f"the service agent {agent.group()}" if agent else "the account that runs Pulumi"
    found = _PERMISSION.search(message)
    role = _ROLES.get(found.group(1).split(".")[0]) if found else None
    if role is None:
        return (
            "Grant the named permission to the caller or the service agent, then run again. "
            f"{see('denied')}"
        )
    return f"Grant {role} to {whom}, then run again. {see('denied')}"


def bucket(message: str, uri: str) -> str:
    """Return how to let whoever is named read a bucket."""
    named = _BUCKET.search(message) or _BUCKET.match(uri)
    agent = _AGENT.search(message)
    where = f"gs://{named.group(1).rstrip('.')}" if named else "the bucket"
    if agent is None:
        return (
            f"Grant roles/storage.objectViewer on {where} to whoever is named, then run again. "
            f"{see('bucket')}"
        )
    return (
        f"Run `gcloud storage buckets add-iam-policy-binding {where} "
        f"--member=serviceAccount:{agent.group()} --role=roles/storage.objectViewer`, "
        f"then try again. {see('bucket')}"
    )
