"""Lets an unmodified dagster-powerbi load a workspace of a running emulator and refresh a model of it, over TLS.

Reads the emulator's ready line (JSON) from standard input. Exits 1 on the first difference. What dagster-powerbi makes
of a workspace is asserted only as far as it shows that the emulator's answers were understood.
"""
import json
import os
import sys

from clients import check, control, read_ready

READY = read_ready()
# The library has no setting for either address; it reads these two at every call.
os.environ["REQUESTS_CA_BUNDLE"] = READY["ca_file"]
os.environ["NO_PROXY"] = "127.0.0.1"

import dagster  # noqa: E402
import dagster_powerbi  # noqa: E402
import dagster_powerbi.resource  # noqa: E402

dagster_powerbi.resource.BASE_API_URL = READY["https_url"] + "/v1.0/myorg"
dagster_powerbi.resource.MICROSOFT_LOGIN_URL = READY["https_url"] + "/{tenant_id}/oauth2/token"

WORKSPACE = READY["workspaces"][0]


def resource():
    principal = dagster_powerbi.PowerBIServicePrincipal(
        client_id=READY["client_id"], client_secret=READY["client_secret"], tenant_id=READY["tenant_id"])
    return dagster_powerbi.PowerBIWorkspace(
        credentials=principal, workspace_id=WORKSPACE["id"], refresh_poll_interval=1, refresh_timeout=60)


def keys(specs, kind):
    return {spec.key.path[-1] for spec in specs if spec.key.path[0] == kind}


def spec_of(specs, name):
    return next(spec for spec in specs if spec.key.path == ["semantic_model", name])


def check_specs(scan):
    how = "with a scan" if scan else "without a scan"
    specs = dagster_powerbi.load_powerbi_asset_specs(resource(), use_workspace_scan=scan)
    models = {model["name"]: model["id"] for model in WORKSPACE["models"]}
    check(f"{how}: every semantic model", keys(specs, "semantic_model") == set(models), specs)
    check(f"{how}: reports and a dashboard", keys(specs, "report") and keys(specs, "dashboard"), specs)
    for name, identifier in models.items():
        metadata = spec_of(specs, name).metadata
        check(f"{how}: the id of {name}", metadata["dagster-powerbi/id"] == identifier, metadata)
    for spec in specs:
        if spec.key.path[0] == "report":
            upstream = {dep.asset_key.path[0] for dep in spec.deps}
            check(f"{how}: {spec.key.to_user_string()} is of a model", upstream == {"semantic_model"}, spec.deps)
        if spec.key.path[0] == "dashboard":
            upstream = {dep.asset_key.path[0] for dep in spec.deps}
            check(f"{how}: {spec.key.to_user_string()} is of reports", upstream == {"report"}, spec.deps)
    return specs


def check_scan_details(specs):
    """What only a scan knows: the columns of tables."""
    names = {name for spec in specs if spec.key.path[0] == "semantic_model" for name in spec.metadata}
    check("with a scan: the columns of tables", any("column_schema" in name for name in names), names)


def check_refresh(spec):
    model = spec.key.path[-1]
    asset = dagster_powerbi.build_semantic_model_refresh_asset_definition("power_bi", spec)
    result = dagster.materialize([asset], resources={"power_bi": resource()})
    check("a materialization succeeds", result.success)
    check("it is of the model", result.asset_materializations_for_node(result.all_node_events[0].node_name) != [])
    refreshes = control(READY, f"models/{model}")["refreshes"]
    check("the emulator ran one refresh to its end", [entry["status"] for entry in refreshes] == ["Completed"], refreshes)
    posts = control(READY, "ledger?kind=refresh_post")
    check("it was asked for as Dagster asks", [entry["body"] for entry in posts]
          == [{"notifyOption": "NoNotification"}], posts)


def check_failure(spec):
    model = spec.key.path[-1]
    control(READY, "faults", {"match": {"kind": "refresh_post", "model": model},
                              "action": {"end": "Failed", "error": {"code": "ModelRefreshFailed_CredentialsNotSpecified"}}})
    # It reads the newest entry only, and this one is the newest: the emulator hides nothing here.
    asset = dagster_powerbi.build_semantic_model_refresh_asset_definition("power_bi", spec)
    result = dagster.materialize([asset], resources={"power_bi": resource()}, raise_on_error=False)
    said = [str(event.event_specific_data.error) for event in result.all_events if event.is_step_failure]
    check("a refresh that fails fails the materialization", not result.success)
    check("with the service's reason", any("ModelRefreshFailed_CredentialsNotSpecified" in text for text in said), said)


def main():
    print("dagster", dagster.__version__, "dagster-powerbi", dagster_powerbi.__version__, "python", sys.version.split()[0])
    specs = check_specs(scan=False)
    check_refresh(spec_of(specs, WORKSPACE["models"][0]["name"]))
    check_failure(spec_of(specs, WORKSPACE["models"][-1]["name"]))
    check_scan_details(check_specs(scan=True))
    paths = {(entry["path"], entry["status"]) for entry in control(READY, "ledger") if (entry["status"] or 0) >= 400}
    check("nothing was refused", not paths, json.dumps(sorted(paths)))


main()
