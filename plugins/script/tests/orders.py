"""A script as users of Dagster write it."""

import sys

from dagster_pipes import open_dagster_pipes

with open_dagster_pipes() as pipes:
    rows = 42
    if "broken" in sys.argv:
        raise ValueError("there are no orders")
    if "unchanged" in sys.argv:
        # Dagster only collects this; Freshet keeps the version that there was.
        pipes.report_custom_message({"freshet": 1, "op": "skip", "reason": "no new orders"})
    else:
        pipes.log.info("%s rows", rows)
        pipes.report_asset_check("has_rows", passed=rows > 0, metadata={"rows": rows})
        pipes.report_asset_materialization(metadata={"dagster/row_count": rows}, data_version=str(rows))
