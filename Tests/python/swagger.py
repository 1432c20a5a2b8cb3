"""Microsoft's swagger as something to hold requests and answers against; needs jsonschema."""
import json
import re
import urllib.parse

import jsonschema

METHODS = ("get", "post", "patch", "put", "delete")
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)

FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(STAMP.match(value)))
FORMATS.checks("uuid")(lambda value: not isinstance(value, str) or bool(UUID.match(value)))


def check_enum(_, allowed, value, schema):
    """The service takes any case and echoes its own; only a word that is not listed is worth a word."""
    if isinstance(value, str) and value.lower() not in [str(word).lower() for word in allowed]:
        yield jsonschema.ValidationError(f"{value!r} is none of {allowed}")


Validator = jsonschema.validators.extend(jsonschema.Draft4Validator, {"enum": check_enum})


class Operation:
    def __init__(self, swagger, path, method, definition):
        self.swagger, self.path, self.method = swagger, path, method.upper()
        self.id = definition["operationId"]
        self.responses = definition["responses"]
        self.examples = definition.get("x-ms-examples", {})
        self.parameters = [swagger.resolve(entry) for entry in definition.get("parameters", [])]
        self.pattern = re.compile("^" + re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(path)) + "$")

    def of(self, place):
        return {entry["name"]: entry for entry in self.parameters if entry["in"] == place}

    @property
    def body(self):
        return next(iter(self.of("body").values()), None)

    def problems_of_request(self, path, query, body):
        """What is wrong with a request: (where, kind, what) each."""
        for name, value in zip(re.findall(r"\{(\w+)\}", self.path), self.pattern.match(path).groups()):
            yield from self.swagger.problems(self.of("path")[name], urllib.parse.unquote(value), f"path.{name}")
        known = self.of("query")
        for name, value in query.items():
            if name not in known:
                yield f"query.{name}", "undeclared", "no such parameter"
            else:
                yield from self.swagger.problems(known[name], plain(value, known[name]), f"query.{name}")
        for name, entry in known.items():
            if entry.get("required") and name not in query:
                yield f"query.{name}", "required", "missing"
        if body is not None and self.body is None:
            yield "request", "undeclared", "there is a body where none is declared"
        elif body is not None:
            yield from self.swagger.problems(self.body["schema"], body, "request")
        elif self.body is not None and self.body.get("required"):
            yield "request", "required", "the body is missing"

    def problems_of_answer(self, status, headers, body):
        """The same for an answer; `body` is bytes."""
        declared = self.responses.get(str(status))
        if declared is None:
            yield "status", str(status), f"not one of {sorted(self.responses)}: {body[:200]}"
            return
        for name in declared.get("headers", {}):
            if name.lower() not in headers:
                yield f"header.{name}", "required", "missing"
        if "schema" not in declared:
            if body:
                yield "response", "undeclared", f"there is a body where none is declared: {body[:200]}"
            return
        try:
            value = json.loads(body)
        except ValueError:
            yield "response", "type", f"not JSON: {body[:200]}"
            return
        yield from self.swagger.problems(declared["schema"], value, "response")


class Swagger:
    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            self.document = json.load(text)
        self.operations = [Operation(self, path, method, definition)
                           for path, methods in self.document["paths"].items()
                           for method, definition in methods.items() if method in METHODS]

    def resolve(self, schema):
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def find(self, method, path):
        # A literal segment goes before a parameter: `upstreamDataflows` is no dataset.
        found = [operation for operation in self.operations
                 if operation.method == method and operation.pattern.match(path)]
        return min(found, key=lambda operation: operation.path.count("{"), default=None)

    def problems(self, schema, value, where):
        whole = dict(schema, definitions=self.document["definitions"])
        for error in Validator(whole, format_checker=FORMATS).iter_errors(value):
            place = where + "".join("[]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
            kind = error.validator
            if kind == "required":
                # jsonschema words it so: "'name' is a required property".
                place += "." + error.message.split("'")[1]
            yield place, kind, error.message
        yield from self.strange_members(schema, value, where)

    def strange_members(self, schema, value, where):
        """Members that are not declared, or declared in another case; JSON schema lets them pass."""
        schema = self.resolve(schema)
        if isinstance(value, list) and "items" in schema:
            for element in value:
                yield from self.strange_members(schema["items"], element, where + "[]")
        if not isinstance(value, dict):
            return
        declared = self.members(schema)
        if not declared:
            return
        folded = {name.lower(): name for name in declared}
        for name, member in value.items():
            place = f"{where}.{name}"
            if name in declared:
                yield from self.strange_members(declared[name], member, place)
            elif name.lower() in folded:
                yield place, "casing", f"declared as {folded[name.lower()]}"
                yield from self.problems(declared[folded[name.lower()]], member, place)
            else:
                yield place, "undeclared", "no such member"

    def members(self, schema):
        schema = self.resolve(schema)
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found.update(self.members(part))
        return found


def plain(text, parameter):
    """The value that a query's text stands for."""
    kind = parameter.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
