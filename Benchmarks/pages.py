"""How long the lineage page takes from the click until it answers, in a browser, for projects of N assets.

    scripts/bench-pages [N ...]

Each project runs in a daemon of its own that observes it. Figures are milliseconds; "first" is before anybody else asked
for that layout, so that the daemon makes it.
"""

import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/browser"))

from journeys import browser  # noqa: E402

BINARY = os.environ["FRESHET_BINARY"]
LIMITS = {2000: 1500, 5000: 4000}
SETTLED = """async (path) => {
    const began = performance.now();
    if (path) (await import('/lib/router.js')).navigate(path);
    else document.querySelector('nav a[href="/lineage"]').click();
    await new Promise((done) => {
        const look = () =>
            document.querySelector('.l-nodes > g, .l-far > path') ? done() : requestAnimationFrame(look);
        look();
    });
    document.querySelector('.l-tools button').click();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - began;
}"""
FRAMES = """async () => {
    const svg = document.querySelector('.l-svg'), times = [];
    for (let i = 0; i < 40; i++) {
        const began = performance.now();
        const wheel = { deltaY: i < 20 ? 60 : -60, clientX: 700, clientY: 400, cancelable: true };
        svg.dispatchEvent(new WheelEvent('wheel', wheel));
        await new Promise(requestAnimationFrame);
        await new Promise((done) => setTimeout(done));
        times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[20];
}"""


def write(folder, count):
    """Half are tables in five layers, the rest models that read two tables each; a group for every forty."""
    chance = random.Random(count)
    tables = count // 2
    assets = []
    for i in range(tables):
        above = range(max(0, (i // (tables // 5) - 1)) * (tables // 5), i // (tables // 5) * (tables // 5))
        deps = ", ".join(f"table/t{d}" for d in chance.sample(above, 2)) if i >= tables // 5 else ""
        assets.append(f"{{key: table/t{i}, kind: sql.table, table: t{i}, group: g{i // 40}, deps: [{deps}]}}")
    for i in range(count - tables):
        reads = ", ".join(f"t{d}: {{from: table/t{d}}}" for d in sorted(chance.sample(range(tables), 2)))
        assets.append(
            f"{{key: model/m{i}, kind: powerbi.semantic_model, model: M{i}, group: h{i // 40}, "
            f"refresh: {{tables: {{{reads}}}}}}}"
        )
    (folder / "assets").mkdir()
    (folder / "assets/all.yaml").write_text("assets:\n" + "".join(f"  - {a}\n" for a in assets))
    (folder / "freshet.yaml").write_text(
        "project: bench\ntimezone: UTC\nstore: .freshet/freshet.db\nenvironments: {only: {mode: observe}}\n"
        "default_environment: only\nconnections:\n  warehouse: {kind: sqlite, path: warehouse.db}\n"
        '  powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/NOWHERE}"}\n'
        "defaults:\n  sql.table: {connection: warehouse, change: [row_count]}\n"
        "  powerbi.semantic_model: {connection: powerbi, workspace: W}\n"
    )
    warehouse = sqlite3.connect(folder / "warehouse.db")
    for i in range(tables):
        warehouse.execute(f"CREATE TABLE t{i} (id INTEGER)")
    warehouse.commit()
    warehouse.close()


def start(folder):
    log = open(folder / "log", "w+")
    daemon = subprocess.Popen(
        [BINARY, "up", "--listen", "127.0.0.1:0"],
        cwd=folder,
        env=os.environ | {"FRESHET_WEB": str(ROOT / "web"), "SWIFT_BACKTRACE": "enable=no"},
        stdout=log,
        stderr=log,
    )
    while "listening on http" not in (folder / "log").read_text():
        if daemon.poll() is not None:
            raise SystemExit((folder / "log").read_text()[-2000:])
        time.sleep(0.1)
    return daemon


def quiet(folder):
    """Waits until the first looks are over: nothing was logged for two seconds."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 2:
        now = (folder / "log").stat().st_size
        if now != size:
            size, since = now, time.monotonic()
        time.sleep(0.2)


def measure(count):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        daemon = start(folder)
        try:
            quiet(folder)
            link = subprocess.run([BINARY, "ui"], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
            page = browser().new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(60_000)
            page.goto(link)
            page.wait_for_selector("nav a[href='/lineage']")
            base = re.match("http://[^/]+", link)[0]
            figures, slow = [], False
            for path in ("", "/lineage?expand=*", "/lineage?by=none"):
                took = []
                for _ in range(3):
                    page.goto(base + "/audit")
                    page.wait_for_selector("main h1")
                    took.append(page.evaluate(SETTLED, path))
                figures.append((path, took[0], min(took[1:]), page.evaluate(FRAMES)))
                slow |= not path and took[0] > LIMITS.get(count, 1e9)
            page.close()
        finally:
            daemon.terminate()
            daemon.wait(30)
    for path, first, again, frame in figures:
        shown = {"": "folded", "/lineage?expand=*": "unfolded"}.get(path, "no groups")
        print(
            f"{count} assets, {shown}: {first:.0f} ms first, {again:.0f} ms again, {frame:.0f} ms a frame", flush=True
        )
    return slow


if __name__ == "__main__":
    counts = [int(a) for a in sys.argv[1:]] or list(LIMITS)
    sys.exit(1 if any([measure(count) for count in counts]) else 0)
