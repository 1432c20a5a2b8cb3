"""Checks Freshet's JSON Schema with the Python package jsonschema (and PyYAML).

usage: schema_check.py SCHEMA RIGHT_PROJECT BROKEN_PROJECTS

Every file of RIGHT_PROJECT has to be valid. Of the folders in BROKEN_PROJECTS, those that are named below have to be
invalid: their mistake can be seen in one file. Those whose mistake turns on other files, layers or meanings have to be
valid, so that an editor does not mark what is right.
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

# The mistakes that a schema can see, by the name of the folder without its number.
VISIBLE = {
    "assets-in-project-file",
    "blackout-without-end",
    "branch-with-retry",
    "duration-without-unit",
    "empty-project-file",
    "key-of-another-place",
    "materialized-with-every",
    "missing-asset-key",
    "not-a-mapping",
    "number-out-of-range",
    "observed-critical",
    "observed-with-automation",
    "secret-backend-missing-field",
    "secret-backend-unknown-kind",
    "secret-field-misspelt",
    "secret-in-plain-text",
    "unknown-connection-kind",
    "unknown-key-deep",
    "unknown-key-in-asset",
    "unknown-key-in-project",
    "unknown-source-kind",
    "wrong-choice",
    "wrong-type-boolean",
    "wrong-type-list",
    "wrong-type-number",
}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `on` and `07:30` are texts."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in [
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
]:
    CoreLoader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def files(project):
    return [project / "freshet.yaml", *sorted(project.glob("assets/**/*.y*ml"))]


def problems(validators, project):
    """The first problem of each file; files that are no YAML have none that a schema could see."""
    found = []
    for file in files(project):
        try:
            value = yaml.load(file.read_bytes(), CoreLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        validator = validators["project" if file.name == "freshet.yaml" else "assetFile"]
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error:
            found.append(f"{file}: {error.json_path}: {error.message[:200]}")
    return found


def main(schema_file, right, broken):
    schema = json.loads(pathlib.Path(schema_file).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validators = {
        name: jsonschema.Draft202012Validator({**schema, "if": True, "then": {"$ref": "#/$defs/" + name}})
        for name in ("project", "assetFile")
    }
    failures = problems(validators, pathlib.Path(right))
    seen = set()
    for project in sorted(path for path in pathlib.Path(broken).iterdir() if path.is_dir()):
        name = project.name.split("-", 1)[1]
        if name == "alias-bomb":
            continue
        found = problems(validators, project)
        if name in VISIBLE:
            seen.add(name)
            if not found:
                failures.append(f"{project}: the schema takes it")
        elif found:
            failures += found
    failures += [f"{name}: no such broken project" for name in sorted(VISIBLE - seen)]
    print("\n".join(failures) or f"{len(seen)} broken projects refused")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
