"""Holds a running emulator, and the client that talked to it, against Microsoft's swagger.

    contract.py FOLDER < ready-line

FOLDER holds `powerbi-swagger.json` and `swagger-examples/`. First every request in the emulator's ledger is checked, as
requests of the client under test; then every operation of the swagger that the emulator serves is asked, with arguments
made from its parameters and with Microsoft's own examples, and its answer checked. What is known to differ stands in
contract_exceptions.json, each entry with its reason; one that nothing needs any more is a failure too.
"""
import argparse
import datetime
import fnmatch
import json
import os
import re
import sys
import time
import urllib.parse

import requests

from clients import check, control, read_ready
from swagger import Swagger

HERE = os.path.dirname(os.path.abspath(__file__))
SCOPE = "https://analysis.windows.net/powerbi/api/.default"

# Without these the run proves nothing; the client needs the first five.
EXPECTED = [
    "Groups_GetGroups", "Datasets_GetDatasetsInGroup", "Datasets_RefreshDatasetInGroup",
    "Datasets_GetRefreshHistoryInGroup", "Datasets_GetRefreshExecutionDetailsInGroup", "Datasets_CancelRefreshInGroup",
    "Datasets_ExecuteQueriesInGroup", "Datasets_GetRefreshScheduleInGroup", "Datasets_UpdateRefreshScheduleInGroup",
    "WorkspaceInfo_PostWorkspaceInfo", "WorkspaceInfo_GetScanStatus", "WorkspaceInfo_GetScanResult",
]


class Findings:
    """Differences, and which of them are known."""

    def __init__(self):
        with open(f"{HERE}/contract_exceptions.json", encoding="utf-8") as file:
            self.exceptions = [(entry["operation"], entry["kind"], where)
                               for entry in json.load(file) for where in entry["where"]]
        self.used = set()
        self.unknown = {}

    def note(self, operation, problems):
        for where, kind, what in problems:
            # An index is written [], which a pattern would take for a set of characters.
            known = [exception for exception in self.exceptions
                     if fnmatch.fnmatchcase(operation.id, exception[0]) and kind == exception[1]
                     and fnmatch.fnmatchcase(where.replace("[]", ""), exception[2].replace("[]", ""))]
            self.used.update(known)
            if not known:
                self.unknown.setdefault((operation.id, where, kind), what)

    def report(self):
        for (operation, where, kind), what in sorted(self.unknown.items()):
            print(f"FAIL {operation} {where} {kind}: {what}")
        unneeded = [exception for exception in self.exceptions if exception not in self.used]
        for exception in unneeded:
            print(f"FAIL not needed any more: {' '.join(exception)}")
        return not self.unknown and not unneeded


class Emulator:
    def __init__(self, ready):
        self.ready = ready
        workspace = ready["workspaces"][0]
        self.known = {"groupId": workspace["id"], "datasetId": workspace["models"][0]["id"]}
        self.session = requests.Session()
        self.session.trust_env = False
        self.served = set()

    def wait(self, seconds=30):
        control(self.ready, "clock", {"advance": seconds})

    def ask(self, method, path, query=None, body=None):
        """The answer, or None when the emulator has no such route."""
        form = {"grant_type": "client_credentials", "scope": SCOPE, "client_id": self.ready["client_id"],
                "client_secret": self.ready["client_secret"]}
        token = self.session.post(f"{self.ready['url']}/{self.ready['tenant_id']}/oauth2/v2.0/token", data=form).json()
        answer = self.session.request(method, self.ready["url"] + path, params=query, json=body, timeout=30,
                                      headers={"Authorization": f"Bearer {token['access_token']}"})
        if answer.status_code == 404 and "No such route" in answer.text:
            return None
        return answer

    def learn(self):
        """The ids that paths need and the ready line does not name."""
        group = f"/v1.0/myorg/groups/{self.known['groupId']}"
        for name, path in [("dashboardId", f"{group}/dashboards"), ("reportId", f"{group}/reports"),
                           ("dataflowId", f"{group}/dataflows"), ("capacityId", "/v1.0/myorg/capacities")]:
            entry = self.ask("GET", path).json()["value"][0]
            self.known[name] = entry.get("id") or entry["objectId"]
        tiles = self.ask("GET", f"{group}/dashboards/{self.known['dashboardId']}/tiles").json()["value"]
        self.known["tileId"] = tiles[0]["id"]
        self.known["refreshableId"] = self.known["datasetId"]
        self.start_refresh()
        self.wait()
        self.start_scan()
        flow = f"{group}/dataflows/{self.known['dataflowId']}"
        self.ask("POST", f"{flow}/refreshes", body={"notifyOption": "NoNotification"})
        self.known["transactionId"] = self.ask("GET", f"{flow}/transactions").json()["value"][0]["id"]

    def start_refresh(self):
        path = f"/v1.0/myorg/groups/{self.known['groupId']}/datasets/{self.known['datasetId']}/refreshes"
        self.known["refreshId"] = self.ask("POST", path, body={"type": "full"}).headers["x-ms-request-id"]

    def start_scan(self):
        query = {"lineage": "True", "datasourceDetails": "True", "datasetSchema": "True", "datasetExpressions": "True"}
        answer = self.ask("POST", "/v1.0/myorg/admin/workspaces/getInfo", query, {"workspaces": [self.known["groupId"]]})
        self.known["scanId"] = answer.json()["id"]


def check_client(swagger, findings, ready):
    """Every request in the ledger that went to Power BI."""
    seen = set()
    for entry in control(ready, "ledger"):
        if not entry["path"].startswith("/v1.0/"):
            continue
        operation = swagger.find(entry["method"], entry["path"])
        check(f"{entry['method']} {entry['path']} is an operation of the service", operation)
        query = dict(urllib.parse.parse_qsl(entry["query"], keep_blank_values=True))
        findings.note(operation, operation.problems_of_request(entry["path"], query, entry["body"]))
        seen.add(operation.id)
    check("the client made the requests that a refresh takes", {
        "Groups_GetGroups", "Datasets_GetDatasetsInGroup", "Datasets_RefreshDatasetInGroup"} <= seen, sorted(seen))


def path_of(operation, known):
    """The path with its parameters filled in; None when one of them is not known."""
    if any(name not in known for name in operation.of("path")):
        return None
    return re.sub(r"\{(\w+)\}", lambda found: urllib.parse.quote(str(known[found[1]]), safe=""), operation.path)


def made_queries(operation):
    """The query with what is required, and with all that can be made."""
    required, all_of = {}, {}
    for name, entry in operation.of("query").items():
        if entry.get("type") == "integer":
            value = max(1, entry.get("minimum", 1))
        elif entry.get("type") == "boolean":
            value = "true"
        elif entry.get("format") == "date-time":
            value = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).isoformat()[:19] + "Z"
        elif entry.get("enum"):
            value = entry["enum"][0]
        else:
            continue
        all_of[name] = value
        if entry.get("required"):
            required[name] = value
    return [required] if required == all_of else [required, all_of]


def examples(operation):
    """Microsoft's own arguments: query and body of each example."""
    required = made_queries(operation)[0]
    for example in operation.examples.values():
        given = example.get("parameters", {})
        # Some leave out what is required, and some are escaped already.
        query = required | {name: urllib.parse.unquote(str(given[name])) for name in operation.of("query") if name in given}
        body = given.get(operation.body["name"]) if operation.body else None
        yield query, body


def exchange(emulator, findings, operation, query, body):
    """Asks once and checks both sides; false when there is no such route."""
    if "{refreshId}" in operation.path:
        emulator.wait()
        emulator.start_refresh()
    elif operation.method in ("POST", "PATCH"):
        emulator.wait()
    path = path_of(operation, emulator.known)
    answer = emulator.ask(operation.method, path, query, body)
    if answer is None:
        return False
    sent = {name: str(value) for name, value in query.items()}
    findings.note(operation, operation.problems_of_request(path, sent, body))
    headers = {name.lower() for name in answer.headers}
    findings.note(operation, operation.problems_of_answer(answer.status_code, headers, answer.content))
    emulator.served.add(operation.id)
    if operation.method == "GET" and "{refreshId}" in operation.path:
        emulator.wait()
        answer = emulator.ask("GET", path, query)
        findings.note(operation, operation.problems_of_answer(answer.status_code, headers, answer.content))
    return True


def check_emulator(swagger, findings, emulator):
    emulator.learn()
    good_query = {"queries": [{"query": "EVALUATE ROW(\"n\", COUNTROWS('fct_sales') + 0)"}]}
    for operation in swagger.operations:
        path = path_of(operation, emulator.known)
        if path is None:
            continue
        calls = list(examples(operation))
        if operation.method == "GET":
            calls += [(query, None) for query in made_queries(operation)]
        if operation.id.startswith("Datasets_ExecuteQueries"):
            calls.append(({}, good_query))
        if operation.id.startswith("Datasets_RefreshDataset"):
            calls += [({}, None), ({}, {"notifyOption": "NoNotification"}), ({}, {"type": "full", "timeout": "02:00:00"})]
        if not calls:
            calls = [({}, None)]
        for query, body in calls:
            if "scanId" in operation.path:
                emulator.start_scan()
                emulator.wait()
            workspaces = body.get("workspaces") if isinstance(body, dict) else None
            if workspaces and isinstance(workspaces[0], str):
                # The workspaces of an example are not here.
                body = dict(body, workspaces=[emulator.known["groupId"]])
            if not exchange(emulator, findings, operation, query, body):
                break
    missing = [name for name in EXPECTED if name not in emulator.served]
    check("the emulator serves what it should", not missing, missing)
    print(f"ok   {len(emulator.served)} operations asked and answered")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where powerbi-swagger.json is")
    parser.add_argument("--no-client", action="store_true", help="do not look at the ledger first")
    arguments = parser.parse_args()
    ready = read_ready()
    swagger = Swagger(f"{arguments.folder}/powerbi-swagger.json")
    findings = Findings()
    started = time.monotonic()
    if not arguments.no_client:
        check_client(swagger, findings, ready)
    check_emulator(swagger, findings, Emulator(ready))
    print(f"ok   {len(findings.used)} known differences, {time.monotonic() - started:.1f} s")
    sys.exit(0 if findings.report() else 1)


main()
