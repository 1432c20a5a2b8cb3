"""The pages as they stand after the morning: each with a name and an address."""

from morning import CAMPAIGNS, INVENTORY, MARGIN, SALES


def pages(morning):
    run = lambda asset, status: "/runs/" + morning.runs(asset, status)[0]
    return {
        "overview": "/",
        "overview-groups": "/?by=group",
        "lineage": "/lineage",
        "lineage-late": f"/lineage?focus={SALES}&up=9&down=1&blame=1",
        "lineage-picked": f"/lineage?pick={SALES}&overlay=changed",
        "lineage-table": "/lineage?view=table",
        "assets": "/assets",
        "asset-late": f"/assets/{SALES}",
        "asset-fresh": f"/assets/{INVENTORY}",
        "asset-failed": f"/assets/{MARGIN}",
        "asset-performance": f"/assets/{SALES}?tab=performance",
        "asset-versions": f"/assets/{INVENTORY}?tab=versions",
        "asset-definition": f"/assets/{SALES}?tab=definition",
        "asset-neighbours": f"/assets/{SALES}?tab=neighbours",
        "asset-observed": "/assets/warehouse/fct_sales",
        "asset-branch": "/assets/gate/sales",
        "runs": "/runs",
        "run-succeeded": run(SALES, "succeeded"),
        "run-failed": run(MARGIN, "failed"),
        "run-unresolved": run(CAMPAIGNS, "failed"),
        "sensors": "/sensors",
        "sensor": "/sensors?sensor=dbt/retail",
        "launch": "/launch",
        "launch-plan": "/launch?selection=kind:powerbi.semantic_model",
        "savings": "/savings",
        "config": "/config",
        "audit": "/audit",
        "login": "/login",
    }
