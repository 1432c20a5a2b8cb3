"""Looks at the tables of a DuckDB file.

The protocol is Dagster Pipes, in its plainest form, so that nothing but the package duckdb is needed.
"""

import base64
import json
import os
import re
import sys
import traceback
import zlib


def parameters(variable):
    return json.loads(zlib.decompress(base64.b64decode(os.environ[variable])))


CONTEXT = json.load(open(parameters("DAGSTER_PIPES_CONTEXT")["path"]))
MESSAGES = parameters("DAGSTER_PIPES_MESSAGES")["path"]
FIGURE = re.compile(r"(max|min|sum)\(\s*([^()]+?)\s*\)")


def say(method, **params):
    with open(MESSAGES, "a") as file:
        file.write(json.dumps({"__dagster_pipes_version": "0.1", "method": method, "params": params}) + "\n")


def observe(**what):
    say("report_custom_message", payload={"freshet": 1, "op": "observe", **what})


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def expression(word, columns=()):
    """The SQL of a figure."""
    if word == "checksum":
        # Rows have no order, and so neither has the sum of their hashes. hash() depends on the version of DuckDB.
        row = "hash(" + ", ".join(quoted(column) for column in columns) + ")"
        return f"version() || ':' || count(*) || ':' || coalesce(sum({row}::HUGEINT), 0)"
    if word == "row_count":
        return "count(*)"
    match = FIGURE.fullmatch(word)
    if not match:
        raise ValueError(f"'{word}' is no figure: write checksum, row_count, max(column), min(column) or sum(column)")
    return f"{match[1]}({quoted(match[2])})"


def figures(connection, table, words):
    """Each figure as text, and the statement that read them."""
    name = ".".join(quoted(part) for part in table.split("."))
    columns = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
    query = "SELECT " + ", ".join(f"({expression(word, columns)})::VARCHAR" for word in words) + f" FROM {name}"
    return dict(zip(words, connection.execute(query).fetchone())), query


def look(connection, table, words):
    values, query = figures(connection, table, words)
    return {
        "data_version": json.dumps(values, sort_keys=True),
        "metadata": {word: {"raw_value": value or "", "type": "text"} for word, value in values.items()},
        "signal": ", ".join(words),
        "strength": "exact" if "checksum" in words else "heuristic",
        "query": query,
        "requests": 1,
    }


def opened(path):
    import duckdb

    connection = duckdb.connect(path, read_only=True, config={"memory_limit": "400MB", "threads": "2"})
    connection.execute("SET temp_directory = ?", [os.environ["TMPDIR"]])
    return connection


def probe(extras, asset):
    words = extras["change"] if isinstance(extras["change"], list) else [extras["change"]]
    for word in words:
        expression(word)
    if not os.path.exists(extras["database"]):
        return observe(asset_key=asset, missing=True, message=f"there is no {extras['database']}")
    import duckdb

    try:
        observe(asset_key=asset, **look(opened(extras["database"]), extras["table"], words))
    except duckdb.CatalogException as error:
        observe(asset_key=asset, missing=True, message=str(error).splitlines()[0])


def tick(extras):
    """All tables, unless the file is what it was: size, time of writing and those of its log are the cursor."""
    path = extras["database"]
    stamps = []
    for file in [path, path + ".wal"]:
        if os.path.exists(file):
            status = os.stat(file)
            stamps.append(f"{status.st_size}.{status.st_mtime_ns}")
    cursor = "/".join(stamps)
    if extras["freshet_operation"] == "tick" and cursor and cursor == extras["freshet_cursor"]:
        return say("report_custom_message", payload={"freshet": 1, "op": "skip", "reason": "the file was not written"})
    connection = opened(path)
    tables = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'"
        " ORDER BY table_name",
        [extras["schema"]],
    ).fetchall()
    for (table,) in tables:
        if extras["freshet_operation"] == "discover":
            about = {"freshet": 1, "op": "asset", "asset_key": table, "description": f"{table} in {path}"}
            say("report_custom_message", payload=about)
        else:
            observe(asset_key=table, **look(connection, f"{extras['schema']}.{table}", ["checksum"]))
    say("report_custom_message", payload={"freshet": 1, "op": "cursor", "value": cursor})


def main():
    extras = CONTEXT["extras"]
    if extras["freshet_kind"] == "duckdb.tables":
        tick(extras)
    else:
        probe(extras, CONTEXT["asset_keys"][0])


say("opened", extras={})
try:
    main()
except Exception as error:
    say("closed", exception={"name": type(error).__name__, "message": str(error),
                             "stack": traceback.format_tb(error.__traceback__), "cause": None, "context": None})
    sys.exit(1)
say("closed")
