"""The contract, docs/api/openapi.json, as something that answers are held against."""

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

DOCUMENT = json.loads((Path(__file__).resolve().parents[2] / "docs/api/openapi.json").read_text())


def operations():
    """(method, template, operation) of everything in the contract."""
    for template, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), template, operation


def operation(method, path):
    """The operation that a path leads to; exact templates go before those with names."""
    path = path.split("?")[0]
    found = []
    for known, template, operation in operations():
        pattern = "^" + re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(template)) + "$"
        if known == method and re.match(pattern, path):
            found.append((template.count("{"), operation))
    return min(found, key=lambda f: f[0])[1] if found else None


def resolved(part):
    while "$ref" in part:
        place = DOCUMENT
        for name in part["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        part = place
    return part


def mistakes(method, path, answer):
    """What of an answer is not as the contract says, in words."""
    known = operation(method, path)
    if not known:
        return [f"{method} {path} is not in the contract"]
    response = known["responses"].get(str(answer.status))
    if response is None:
        return [f"{method} {path} answers {answer.status}, which is not documented: {answer.body[:300]!r}"]
    response = resolved(response)
    found = [
        f"{method} {path}: no header {name}"
        for name, header in response.get("headers", {}).items()
        if name.lower() not in answer.headers and name != "Idempotency-Replayed"
    ]
    content = response.get("content")
    if not content:
        return found + ([f"{method} {path}: a body where there is none"] if answer.body else [])
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind not in content:
        return found + [f"{method} {path}: {kind} instead of {', '.join(content)}"]
    if "json" not in kind:
        return found
    schema = content[kind]["schema"] | {"components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    errors = sorted(validator.iter_errors(answer.json), key=lambda e: list(map(str, e.absolute_path)))
    return found + [
        f"{method} {path} {answer.status}: /{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
        for e in errors[:10]
    ]
