#!/usr/bin/env python3
"""Pictures of every page, what axe finds on it, and how fast the lineage is.

    python3 web/dev/screenshots.py [--out FOLDER] [--only NAME] [--sizes light,dark,…] [--no-timings]

Needs playwright, axe-playwright-python, and a Chromium at $CHROMIUM or /usr/bin/chromium.
"""

import argparse
import os
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from server import start

SIZES = {
    "light": (1440, 900, "light"),
    "dark": (1440, 900, "dark"),
    "narrow": (360, 780, "light"),
    "wide": (1920, 1080, "light"),
    "narrow-dark": (360, 780, "dark"),
}


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def pages(world):
    def run(asset, status):
        return next(r["id"] for r in world.runs if asset in r["assets"] and r["status"] == status)

    sales = "powerbi/retail/sales"
    return {
        "overview": "/",
        "lineage": "/lineage",
        "lineage-late": f"/lineage?focus={sales}&up=9&down=1&blame=1",
        "lineage-table": "/lineage?view=table",
        "assets": "/assets",
        "asset-late": f"/assets/{sales}",
        "asset": "/assets/powerbi/retail/inventory",
        "asset-performance": "/assets/powerbi/retail/margin?tab=performance",
        "asset-versions": "/assets/powerbi/retail/inventory?tab=versions",
        "asset-definition": f"/assets/{sales}?tab=definition",
        "asset-neighbours": f"/assets/{sales}?tab=neighbours",
        "asset-observed": "/assets/warehouse/fct_sales",
        "runs": "/runs",
        "run-failed": "/runs/" + run("powerbi/retail/margin", "failed"),
        "run-live": "/runs/" + run("powerbi/finance/ledger", "running"),
        "run-unresolved": "/runs/" + run("powerbi/logistics/tours", "failed"),
        "sensors": "/sensors",
        "sensor": "/sensors?sensor=warehouse/footfall",
        "launch": "/launch?selection=kind:powerbi.semantic_model",
        "savings": "/savings",
        "config": "/config",
        "audit": "/audit",
        "login": "/login",
    }


def look(browser, base, world, out, only, sizes):
    serious = 0
    for name, path in pages(world).items():
        if only and only not in name:
            continue
        page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        problems = []
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.goto(base + path)
        page.wait_for_selector("main h1")
        for size in sizes:
            width, height, scheme = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(150)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                problems.append(f"{size}: {over} px too wide")
            page.screenshot(
                path=out / f"{name}.{size}.png", full_page=size.startswith("narrow") and "lineage" not in name
            )
            if size in ("light", "dark", "narrow"):
                for violation in Axe().run(page, options=RULES).response["violations"]:
                    serious += violation["impact"] in ("serious", "critical")
                    node = violation["nodes"][0]
                    print(
                        f"{name} {size}: {violation['impact']}: {violation['id']} ({len(violation['nodes'])}): {node['html'][:140]} {node['any'][0]['message'][:140] if node['any'] else ''}",
                        flush=True,
                    )
        for text in problems:
            serious += 1
            print(f"{name}: {text[:300]}", flush=True)
        page.close()
    return serious


def timings(browser):
    """From the click to a graph that answers: laid out, drawn, and moved by a key."""
    slow = 0
    for assets, limit in ((2000, 1500), (5000, 4000)):
        server, base = start(assets)
        for by in ("", "?expand=*", "?by=none"):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(base + "/assets")
            page.wait_for_selector("main table")
            page.evaluate("(u) => { history.replaceState({}, '', u) }", "/assets")
            page.request.get(f"{base}/api/v1/lineage{by}")  # the layout is cached by the server
            took = page.evaluate(
                """async (path) => {
                const { navigate } = await import('/lib/router.js');
                const began = performance.now();
                navigate(path);
                await new Promise((done) => { const look = () => document.querySelector('.l-nodes > g, .l-far > path') ? done() : requestAnimationFrame(look); look(); });
                document.querySelector('.l-tools button').click();
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                return performance.now() - began;
            }""",
                f"/lineage{by}",
            )
            frames = page.evaluate(
                """async () => {
                const svg = document.querySelector('.l-svg'); const times = [];
                for (let i = 0; i < 40; i++) { const t = performance.now(); svg.dispatchEvent(new WheelEvent('wheel', { deltaY: i < 20 ? 60 : -60, clientX: 700, clientY: 400, cancelable: true })); await new Promise(requestAnimationFrame); await new Promise((d) => setTimeout(d)); times.push(performance.now() - t); }
                return [times.sort((a, b) => a - b)[20], times.at(-1)];
            }"""
            )
            slow += took > limit
            print(
                f"lineage{by or ' folded'}, {assets} assets: {took:.0f} ms to the first answer (limit {limit}); a frame while zooming {frames[0]:.0f} ms median, {frames[1]:.0f} ms at most"
            )
            page.close()
        server.shutdown()
    return slow


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path(__file__).parent / "shots")
    options.add_argument("--only")
    options.add_argument("--sizes", default=",".join(SIZES))
    options.add_argument("--no-timings", action="store_true")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    server, base = start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        bad = look(browser, base, server.world, chosen.out, chosen.only, chosen.sizes.split(","))
        slow = 0 if chosen.no_timings else timings(browser)
        browser.close()
    print(f"{bad} serious findings, {slow} timings above their limit")
    return 1 if bad or slow else 0


if __name__ == "__main__":
    sys.exit(main())
