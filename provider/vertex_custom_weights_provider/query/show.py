"""The same question, as others ask it: curl and the OpenAI client. Never with a token."""

from __future__ import annotations

import json
import shlex
from typing import Any

from .address import Address
from .question import Question

_LOGIN = """\
import google.auth
import google.auth.transport.requests
import openai

credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(google.auth.transport.requests.Request())
"""
_WHOLE = "print(answer.choices[0].message.content)"
_STREAMED = """\
for chunk in answer:
    print(chunk.choices[0].delta.content or "", end="", flush=True)
print()"""


def curl(address: Address, question: Question) -> str:
    """Return the command line of curl."""
    options = "--no-buffer " if question.stream else ""
    lines = [f"curl {options}{shlex.quote(address.url(question.kind))}"]
    if address.encrypted:
        lines.append('--header "Authorization: Bearer $(gcloud auth print-access-token)"')
    lines.append("--header 'Content-Type: application/json'")
    lines.append(f"--data {shlex.quote(json.dumps(question.body, ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def openai_program(address: Address, question: Question) -> str:
    """Return a program for the OpenAI client, which can ask chats only."""
    start, key = (
        (_LOGIN, "credentials.token") if address.encrypted else ("import openai\n", '"none"')
    )
    note = "" if address.encrypted else "  # the private path asks for no identity"
    arguments = [f"    {name}={_literal(value)},\n" for name, value in question.body.items()]
    end = _STREAMED if question.stream else _WHOLE
    return (
        f"{start}\nclient = openai.OpenAI(\n    base_url={_literal(address.base)},\n"
        f"    api_key={key},{note}\n)\n"
        f"answer = client.chat.completions.create(\n{''.join(arguments)})\n{end}"
    )


def _literal(value: Any) -> str:
    """Write a value in Python; a chat holds nothing that JSON writes otherwise but booleans."""
    return repr(value) if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
