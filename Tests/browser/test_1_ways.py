"""The ways through the pages: by keys alone, by an address that was sent, in another zone; on every page there is."""

import re
import unittest

from playwright.sync_api import expect

from journeys import Journey, morning
from morning import CAMPAIGNS, INVENTORY, MARGIN, SALES
from pages import pages

# Where the focus is: what it is, what it is called, whether it is seen, and whether a mark shows it.
FOCUS = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const above = document.elementFromPoint(
        Math.min(innerWidth - 1, Math.max(0, box.x + box.width / 2)),
        Math.min(innerHeight - 1, Math.max(0, box.y + Math.min(box.height, 40) / 2)));
    const known = (window.known ??= new Map());
    if (!known.has(e)) known.set(e, known.size);
    const isAfter = !window.last || !!(window.last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
    window.last = e;
    return {
        stop: known.get(e),
        name: e.outerHTML.slice(0, 120),
        isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        isSeen: box.width > 0 && (e.contains(above) || above?.contains(e) || above?.closest('label')?.contains(e)),
        isAfter,
    };
}"""

# What a page says, without what moves on by itself: ages, and the looks that go on.
SAYS = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const copy = document.querySelector('main').cloneNode(true);
    copy.querySelectorAll('[data-ago], .since, td.num').forEach((e) => e.remove());
    const moving = /\\d+ (ms|s|min|h)\\b( \\d+ (min|s))?|\\bnow\\b|\\d\\d:\\d\\d:\\d\\d/g;
    return {
        text: copy.textContent.replace(moving, '…'),
        fields: all('main input, main select').map((e) => e.type === 'checkbox' ? e.checked : e.value),
        chosen: all('main :is([aria-pressed=true], [aria-selected=true], [aria-current])').map((e) => e.textContent),
    };
}"""


class Ways(Journey):
    role = "admin"

    def settled(self):
        """What the page says once it says the same twice; logs and states come after the page."""
        says = None
        for _ in range(20):
            before, says = says, self.page.evaluate(SAYS)
            if says == before:
                break
            self.page.wait_for_timeout(100)
        return says

    def test_tab_passes_each_page_from_its_top_to_its_end_and_is_always_seen(self):
        for name, path in pages(morning()).items():
            if name == "login":
                continue
            with self.subTest(name):
                self.open(path)
                self.page.evaluate("document.querySelector('.skip').focus({ focusVisible: true })")
                stops = []
                while (stop := self.page.evaluate(FOCUS)) and not (stops and stop["stop"] == 0):
                    stops.append(stop)
                    self.assertLess(len(stops), 400, "Tab never leaves the page")
                    self.page.keyboard.press("Tab")
                self.assertGreater(len(stops), 10)
                self.assertEqual(len({s["stop"] for s in stops}), len(stops), "it went in circles")
                self.assertEqual([s["name"] for s in stops if not s["isMarked"]], [], "no mark shows the focus")
                self.assertEqual([s["name"] for s in stops if not s["isSeen"]], [], "the focus is hidden")
                self.assertEqual([s["name"] for s in stops if not s["isAfter"]], [], "it jumped back")

    def test_the_graph_is_left_with_tab_and_its_choice_with_escape(self):
        self.open("/lineage")
        graph = self.page.locator(".l-svg")
        graph.focus()
        self.page.keyboard.press("ArrowRight")
        expect(self.page.locator(".l-panel h2")).to_have_text(SALES)
        self.page.keyboard.press("Enter")
        self.assertTrue(self.page.evaluate("document.activeElement.closest('.l-panel') !== null"))
        graph.focus()
        self.page.keyboard.press("Escape")
        expect(self.page.locator(".l-panel")).to_have_count(0)
        self.page.keyboard.press("Tab")
        expect(graph).not_to_be_focused()

    def test_the_table_of_the_graph_is_one_key_away_and_has_every_asset_with_its_state(self):
        self.open("/lineage")
        self.page.locator(".l-svg").focus()
        self.page.keyboard.press("t")
        expect(self.page).to_have_url(re.compile("view=table"))
        rows = self.page.locator("main tbody tr")
        expect(rows).to_have_count(19)
        for key, state in ((SALES, "late"), (MARGIN, "failed"), (CAMPAIGNS, "failed"), (INVENTORY, "fresh")):
            row = rows.filter(has=self.page.get_by_role("link", name=key, exact=True))
            expect(row).to_have_count(1)
            expect(row.locator(".badge")).to_have_text(state)
        expect(rows.filter(has=self.page.get_by_role("link", name=SALES, exact=True))).to_contain_text("gate/sales")

    def test_every_address_shows_the_same_when_it_is_loaded_again(self):
        states = {path for name, path in pages(morning()).items() if name != "login"} | {
            "/assets?state=failed&sort=state",
            f"/assets?selection=%2B{SALES}",
            "/assets?kind=powerbi.semantic_model&owner=team:bi",
            "/runs?status=failed",
            "/runs?trigger=sensor",
            f"/assets/{SALES}?entry=failed,held",
            f"/assets/{SALES}?tab=performance&days=7",
            f"/lineage?focus={SALES}&up=1&down=0",
            f"/lineage?from=dbt/retail/fct_sales&to={SALES}",
            f"/lineage?focus={SALES}&up=9&down=1&blame=1&view=table",
            "/lineage?by=kind&overlay=duration",
            "/lineage?z=0.800,40,30",
            "/sensors?sensor=dbt/retail&tick=failed",
            f"/launch?selection={SALES}&forced=1",
            "/savings?days=7&by=owner",
            "/audit?outcome=allowed&actor=user:ada",
            "/?by=group&group=inventory",
        }
        for path in sorted(states):
            with self.subTest(path):
                self.open(path)
                says, address = self.settled(), self.page.url
                self.page.reload()
                expect(self.page.locator("main h1").first).to_be_visible()
                self.assertEqual(self.settled(), says)
                self.assertEqual(self.page.url, address)

    def test_every_page_follows_the_zone_that_was_chosen(self):
        self.open()
        self.page.evaluate("localStorage.setItem('zone', 'utc')")
        for name, path in pages(morning()).items():
            if name != "login":
                with self.subTest(name):
                    self.open(path)
                    titles = self.page.locator("main time").evaluate_all("(all) => all.map((e) => e.title)")
                    self.assertEqual([title for title in titles if not title.endswith(" UTC")], [])


if __name__ == "__main__":
    unittest.main()
