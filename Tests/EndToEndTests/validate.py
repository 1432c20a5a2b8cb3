"""Prints what is wrong with a file of a project, by Freshet's JSON Schema; nothing when it is right.

usage: validate.py SCHEMA FILE
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml


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

schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
value = yaml.load(pathlib.Path(sys.argv[2]).read_bytes(), CoreLoader)
for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
    print(f"{error.json_path}: {error.message[:200]}".replace("\n", " "))
