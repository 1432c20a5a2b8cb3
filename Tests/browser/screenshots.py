#!/usr/bin/env python3
"""Pictures of every page of a daemon that has played its morning, for people to look at; `make screenshots`.

    scripts/screenshots [--out FOLDER] [--only NAME] [--sizes light,dark,narrow,wide]

Ends with 1 when something does not fit its window, fails in the console, or is serious to axe.
"""

import argparse
import sys
from pathlib import Path

from journeys import browser, morning, serious, signed_in
from morning import ROOT
from pages import pages

SIZES = {
    "light": (1440, 900, "light"),
    "dark": (1440, 900, "dark"),
    "narrow": (360, 780, "light"),
    "wide": (1920, 1080, "light"),
}


def picture(page, name, path, out, sizes):
    """Takes one page in each size.

    Returns what is wrong with it.
    """
    wrong = []
    page.on("console", note := lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", fail := lambda error: wrong.append(str(error)))
    for size in sizes:
        width, height, scheme = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto(morning().base + path)
        page.wait_for_selector("main h1")
        page.wait_for_timeout(300)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wrong.append(f"{size}: {over} px too wide")
        if "lineage" not in name or "table" in name:
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(max(height, tall), 3000)})
        page.screenshot(path=out / f"{name}.{size}.png")
        if size == "narrow":
            wrong += [f"{size}: {text}" for text in serious(page)]
    page.remove_listener("console", note)
    page.remove_listener("pageerror", fail)
    return wrong


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=ROOT / ".build/screenshots")
    options.add_argument("--only", default="")
    options.add_argument("--sizes", default=",".join(SIZES))
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    bad = 0
    context = browser().new_context(storage_state=signed_in("admin"), reduced_motion="reduce")
    page = context.new_page()
    for name, path in pages(morning()).items():
        if chosen.only in name:
            if name == "login":
                context.clear_cookies()
            for text in picture(page, name, path, chosen.out, chosen.sizes.split(",")):
                bad += 1
                print(f"{name}: {text}", flush=True)
    print(f"{len(list(chosen.out.glob('*.png')))} pictures in {chosen.out}; {bad} things to mend")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
