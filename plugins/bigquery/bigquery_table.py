"""Looks at a table of BigQuery by its metadata: one GET, no query, no cost.

SeeAlso: the REST method tables.get. The protocol is Dagster Pipes, in its plainest form.
"""

import base64
import json
import os
import sys
import traceback
import urllib.error
import urllib.parse
import urllib.request
import zlib

RECORDED = "recorded:"


def parameters(variable):
    return json.loads(zlib.decompress(base64.b64decode(os.environ[variable])))


CONTEXT = json.load(open(parameters("DAGSTER_PIPES_CONTEXT")["path"]))
MESSAGES = parameters("DAGSTER_PIPES_MESSAGES")["path"]


def say(method, **params):
    with open(MESSAGES, "a") as file:
        file.write(json.dumps({"__dagster_pipes_version": "0.1", "method": method, "params": params}) + "\n")


def get(endpoint, path):
    """The status of an answer, and its document."""
    if endpoint.startswith(RECORDED):
        answers = json.load(open(os.path.join(CONTEXT["extras"]["freshet_root"], endpoint[len(RECORDED):])))
        return answers[path]["status"], answers[path]["body"]
    with open(os.environ["BIGQUERY_TOKEN"]) as file:
        headers = {"Authorization": "Bearer " + file.read().strip(), "Accept": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint + path, headers=headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            return error.code, json.load(error)
        except ValueError:
            return error.code, {}


def main():
    extras = CONTEXT["extras"]
    names = [("projects", extras["project"]), ("datasets", extras["dataset"]), ("tables", extras["table"])]
    path = "/bigquery/v2/" + "/".join(f"{word}/{urllib.parse.quote(name, safe='')}" for word, name in names)
    status, body = get(extras["endpoint"], path)
    reason = body.get("error", {}).get("message", f"status {status}")
    seen = {"freshet": 1, "op": "observe", "asset_key": CONTEXT["asset_keys"][0], "query": "GET " + path,
            "requests": 1}
    if status == 404:
        seen.update(missing=True, message=reason)
    elif status != 200:
        raise RuntimeError(f"BigQuery answered {status}: {reason}")
    elif body.get("type") in ("VIEW", "EXTERNAL"):
        # Neither is changed when what it reads changes.
        seen.update(message=f"the metadata of a {body['type'].lower()} say nothing of its data")
    else:
        figures = {"last_modified": body["lastModifiedTime"], "row_count": body.get("numRows", "0"),
                   "bytes": body.get("numBytes", "0")}
        seen.update(data_version="/".join(figures.values()), data_time=int(body["lastModifiedTime"]) / 1000,
                    metadata={name: {"raw_value": int(value), "type": "int"} for name, value in figures.items()})
    say("report_custom_message", payload=seen)


say("opened", extras={})
try:
    main()
except Exception as error:
    say("closed", exception={"name": type(error).__name__, "message": str(error),
                             "stack": traceback.format_tb(error.__traceback__), "cause": None, "context": None})
    sys.exit(1)
say("closed")
