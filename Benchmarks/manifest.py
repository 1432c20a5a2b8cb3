"""How much memory a large dbt manifest takes: prints size, nodes, peak resident memory and time of a start.

Usage: manifest.py <freshet> [megabytes]
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

LIMIT_MB = 300
PROJECT = """project: big
store: freshet.db
connections:
  here: {kind: file, path: .}
  powerbi: {kind: powerbi, tenant_id: nobody, client_id: nobody, client_secret: "${secret:env/SECRET}"}
sources:
  - dbt: {connection: here, project: big, manifest: manifest.json}
"""
ASSET = """assets:
  - {key: model, kind: powerbi.semantic_model, connection: powerbi, workspace: W, model: M, deps: [dbt/big/m%d]}
"""


def write_manifest(path, size):
    """Writes a manifest of `size` bytes or a little more: 4,000 models with a test each, the rest macros."""
    models = 4000

    def model(number):
        parents = [f"model.big.m{number - step}" for step in (1, 7) if number >= step]
        return {
            "unique_id": f"model.big.m{number}", "resource_type": "model", "name": f"m{number}", "package_name": "big",
            "relation_name": f'"db"."analytics"."m{number}"', "config": {"materialized": "table", "enabled": True},
            "tags": ["nightly"], "description": "One row an order.", "depends_on": {"macros": [], "nodes": parents},
            "raw_code": "select " + ", ".join(f"column_{i}" for i in range(100)),
        }

    def test(number):
        return {
            "unique_id": f"test.big.unique_m{number}.0", "resource_type": "test", "config": {"severity": "ERROR"},
            "attached_node": f"model.big.m{number}", "depends_on": {"nodes": [f"model.big.m{number}"]},
        }

    with open(path, "w") as file:
        file.write('{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}, "nodes": {')
        for number in range(models):
            comma = "," if number else ""
            file.write(f'{comma}"model.big.m{number}": {json.dumps(model(number))}')
            file.write(f',"test.big.unique_m{number}.0": {json.dumps(test(number))}')
        file.write('}, "sources": {}, "macros": {')
        number = 0
        while file.tell() < size:
            macro = {"name": f"macro_{number}", "macro_sql": '{% macro x() %} select "a\\b" {% endmacro %}\n' * 200}
            comma = "," if number else ""
            file.write(f'{comma}"macro.big.macro_{number}": {json.dumps(macro)}')
            number += 1
        file.write('}, "parent_map": {}, "child_map": {}}')
    return models


def main():
    program = os.path.abspath(sys.argv[1])
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as folder:
        models = write_manifest(folder + "/manifest.json", megabytes << 20)
        with open(folder + "/freshet.yaml", "w") as file:
            file.write(PROJECT)
        os.mkdir(folder + "/assets")
        with open(folder + "/assets/model.yaml", "w") as file:
            file.write(ASSET % (models - 1))
        start = time.monotonic()
        # dbt has not run yet, so the model is held and nobody is asked anything; but the source is read.
        command = [program, "run", "model", "-C", folder]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "SECRET": "none"})
        seconds = time.monotonic() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        listed = subprocess.run([program, "assets", "-C", folder, "--json"], capture_output=True, text=True).stdout
        count = listed.count('"dbt.model"')
        size = os.path.getsize(folder + "/manifest.json") / (1 << 20)
        print(f"manifest of {size:.0f} MB, {count} models with a test each: {peak:.0f} MB at most, {seconds:.1f} s")
        if count != models:
            sys.exit(f"error: the manifest was not read: {run.stderr or run.stdout}")
        if peak >= LIMIT_MB:
            sys.exit(f"error: more than {LIMIT_MB} MB")


main()
