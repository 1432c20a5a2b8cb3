"""Throws what schemathesis makes of docs/api/openapi.json at a real daemon: no 5xx, and no answer that is not documented.

    python Tests/api/fuzz.py [--examples 30] [--seed 1]

Ends with 0 when nothing was found. Left out are two operations: the stream of events never ends, and a reload of the
definitions ends the listener that the next request wants; both have tests of their own in test_contract.py.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from world import ROOT, World

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "unsupported_method",
]
LEFT_OUT = ["streamEvents", "reloadConfig"]


def settle(world):
    """Has a run behind it, and gives names that are there: what is asked of others is 404 and goes no deeper."""
    run = world.post("/api/v1/runs?wait=60", {"selection": "*", "forced": True, "reason": "something to ask about"}).json["run"]
    read = world.get(f"/api/v1/runs/{run['id']}/operations").json
    return {"run": run["id"], "operation": read["operations"][0]["id"], "asset": "powerbi:retail:sales", "sensor": "warehouse:fct_sales",
            "trigger": run["cause"]["trigger"]["trigger"], "user": "ana", "token": "nobody"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=30, help="for each operation")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    with World() as world, tempfile.TemporaryDirectory() as folder:
        world.land("dbt-1")
        world.start()
        world.freshet("users", "add", "ana", "--role", "viewer", "--no-password")
        names = settle(world)
        lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in names.items()]
        Path(folder, "schemathesis.toml").write_text("\n".join(["[parameters]", *lines]) + "\n")
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(ROOT / "docs/api/openapi.json"),
                   "--url", f"http://{world.base}", "-H", f"Authorization: Bearer {world.token}",
                   "--checks", ",".join(CHECKS), "--max-examples", str(options.examples), "--request-timeout", "30",
                   "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color"]
        for operation in LEFT_OUT:
            command += ["--exclude-operation-id", operation]
        if options.seed is not None:
            command += ["--seed", str(options.seed)]
        # Who may do what is held against a matrix of its own, Tests/FreshetAccessTests/Golden/access.txt.
        status = subprocess.run(command, cwd=folder).returncode
        if world.daemon.poll() is not None:
            print(f"the daemon ended with {world.daemon.returncode}:\n{world.log()[-4000:]}")
            status = status or 1
        return status


if __name__ == "__main__":
    sys.exit(main())
