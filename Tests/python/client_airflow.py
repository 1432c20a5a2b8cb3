"""Lets an unmodified Airflow provider refresh models of a running emulator, with tokens of its authority over TLS.

Reads the emulator's ready line (JSON) from standard input. Exits 1 on the first difference. Runs the operator's trigger
in an event loop of its own, as a triggerer does; no scheduler and no database are needed.
"""
import asyncio
import atexit
import json
import os
import shutil
import sys
import tempfile

from clients import check, control, read_ready

READY = read_ready()
WORKSPACE = READY["workspaces"][0]["id"]
SALES, INVENTORY = (model["id"] for model in READY["workspaces"][0]["models"][:2])

CONNECTION = {
    "conn_type": "powerbi", "login": READY["client_id"], "password": READY["client_secret"],
    "extra": {
        "tenant_id": READY["tenant_id"], "authority": READY["https_url"], "base_url": READY["https_url"] + "/v1.0/",
        "verify": READY["ca_file"], "disable_instance_discovery": True,
        # Unless it is said, the authority is taken for a host name and refused for its scheme.
        "allowed_hosts": "",
    },
}
HOME = tempfile.mkdtemp(prefix="airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ.update({
    "AIRFLOW_HOME": HOME, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    "AIRFLOW_CONN_POWERBI_DEFAULT": json.dumps(CONNECTION), "NO_PROXY": "127.0.0.1",
})

import airflow  # noqa: E402
from airflow.providers.microsoft.azure.hooks.powerbi import PowerBIHook  # noqa: E402
from airflow.providers.microsoft.azure.triggers.powerbi import PowerBITrigger  # noqa: E402


async def last_event(**arguments):
    trigger = PowerBITrigger(conn_id="powerbi_default", group_id=WORKSPACE, check_interval=1, timeout=60, **arguments)
    event = None
    async for event in trigger.run():
        pass
    return event.payload


async def check_hook():
    hook = PowerBIHook()
    check("the hook lists the workspaces", await hook.get_workspace_list() == [WORKSPACE])
    check("and their datasets", await hook.get_dataset_list(group_id=WORKSPACE) == [SALES, INVENTORY])


async def check_completion():
    event = await last_event(dataset_id=SALES)
    check("a standard refresh is polled to its end", (event["status"], event["dataset_refresh_status"])
          == ("success", "Completed"), event)
    refreshes = control(READY, f"models/{SALES}")["refreshes"]
    check("it is the one that the emulator ran", [(entry["requestId"], entry["status"]) for entry in refreshes]
          == [(event["dataset_refresh_id"], "Completed")], refreshes)
    body = {"type": "Full", "commitMode": "transactional", "objects": [{"table": "fct_stock"}]}
    started = await last_event(dataset_id=INVENTORY, wait_for_termination=False, request_body=body)
    ended = await last_event(dataset_id=INVENTORY, dataset_refresh_id=started["dataset_refresh_id"])
    check("so is an enhanced one, in two halves as the operator does", (started["status"], ended["status"])
          == ("success", "success"), (started, ended))
    posts = [entry["body"] for entry in control(READY, "ledger?kind=refresh_post")]
    check("with the body it was given", posts[-1] == body, posts)


async def check_failure():
    error = {"code": "ModelRefreshFailed_CredentialsNotSpecified"}
    control(READY, "faults", {"match": {"kind": "refresh_post", "model": SALES},
                              "action": {"end": "Failed", "error": error}})
    event = await last_event(dataset_id=SALES)
    check("a failure is one, with its reason", event["status"] == "error" and error["code"] in event["message"], event)


async def check_cancel():
    control(READY, f"models/{INVENTORY}", {"duration": 600})
    hook = PowerBIHook()
    body = {"type": "full"}
    identifier = await hook.trigger_dataset_refresh(dataset_id=INVENTORY, group_id=WORKSPACE, request_body=body)
    await hook.cancel_dataset_refresh(dataset_id=INVENTORY, group_id=WORKSPACE, dataset_refresh_id=identifier)
    details = await hook.get_refresh_details_by_refresh_id(
        dataset_id=INVENTORY, group_id=WORKSPACE, refresh_id=identifier)
    check("a cancelled refresh is cancelled", details["status"] == "Cancelled", details)


async def check_all():
    await check_hook()
    await check_completion()
    await check_failure()
    await check_cancel()


def main():
    print("airflow", airflow.__version__, "python", sys.version.split()[0])
    asyncio.run(check_all())
    tokens = {(entry["path"], entry["status"]) for entry in control(READY, "ledger?kind=token")}
    check("its tokens are the tenant's", tokens == {(f"/{READY['tenant_id']}/oauth2/v2.0/token", 200)}, tokens)


main()
