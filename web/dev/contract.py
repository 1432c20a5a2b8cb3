#!/usr/bin/env python3
"""Checks the sample answers against docs/api/openapi.json, so that pages and contract cannot drift apart.

Needs jsonschema.
"""

import json
import sys
import urllib.request
from pathlib import Path

from jsonschema import Draft202012Validator

from server import start

CONTRACT = json.loads((Path(__file__).resolve().parents[2] / "docs/api/openapi.json").read_text())


def check(base, path, template, method="GET", body=None, status="200"):
    request = urllib.request.Request(
        base + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Idempotency-Key": "contract-" + path, "Content-Type": "application/json"},
    )
    answer = json.loads(urllib.request.urlopen(request).read())
    schema = CONTRACT["paths"][template][method.lower()]["responses"][status]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema | {"components": CONTRACT["components"]})
    errors = sorted(validator.iter_errors(answer), key=lambda e: len(list(e.path)))
    for error in errors[:3]:
        print(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    return not errors, answer


def main():
    server, base = start()
    v, ok, run = "/api/v1", True, None
    world = server.world
    sales, table = "powerbi:retail:sales", "warehouse:fct_sales"
    paths = [
        ("/session", None),
        ("/board", None),
        ("/assets", None),
        ("/lineage", None),
        ("/lineage/states", None),
        ("/runs", None),
        ("/sensors", None),
        ("/ticks", None),
        ("/schedules", None),
        ("/savings", None),
        ("/config", None),
        ("/audit", None),
        ("/decisions", None),
    ]
    for path, _ in paths:
        ok &= check(base, v + path, v + path)[0]
    ok &= check(base, v + "/lineage?expand=landing&by=group", v + "/lineage")[0]
    ok &= check(base, v + "/lineage/path?from=landing/orders&to=powerbi/retail/sales", v + "/lineage/path")[0]
    ok &= check(base, v + "/selections?selection=kind:powerbi", v + "/selections")[0]
    for key in (sales, table, "gate:sales", "powerbi:retail:margin"):
        for tail in ("", "/timeline", "/performance", "/versions", "/definition", "/blame"):
            ok &= check(base, f"{v}/assets/{key}{tail}", v + "/assets/{asset}" + tail)[0]
    for run in [r for r in world.runs if r["status"] != "succeeded"][:6] + world.runs[:3]:
        for tail in ("", "/log", "/steps", "/operations", "/sub-steps"):
            ok &= check(base, f"{v}/runs/{run['id']}{tail}", v + "/runs/{run}" + tail)[0]
    lost = next(o for r in world.runs for o in r["operations"] if o["state"] == "unresolved")
    ok &= check(base, f"{v}/operations/{lost['id']}/candidates", v + "/operations/{operation}/candidates")[0]
    ok &= check(base, v + "/plans", v + "/plans", "POST", {"selection": "*"})[0]
    ok &= check(base, v + "/sensors/dbt:retail/test", v + "/sensors/{sensor}/test", "POST", {})[0]
    ok &= check(base, v + "/pauses", v + "/pauses", "POST", {"paused": True, "asset": "powerbi/retail/sales"})[0]
    ok &= check(base, v + "/runs", v + "/runs", "POST", {"selection": "powerbi/retail/campaigns"}, "202")[0]
    print("every sample answer is as the contract says" if ok else "some answers are not as the contract says")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
