"""What people come to see, after the morning that `freshet demo` plays; nothing here changes anything."""

import re
import unittest

from playwright.sync_api import expect

from journeys import Journey, morning, serious, sign_in
from morning import CAMPAIGNS, INVENTORY, MARGIN, SALES
from pages import pages


class Looking(Journey):
    role = "viewer"

    def test_the_late_model_and_its_reason_are_the_first_thing_seen(self):
        self.open()
        expect(self.page.locator("h1")).to_have_text("1 model is late")
        card = self.page.locator("article").first
        expect(card).to_contain_text("sales is held: dbt/retail/fct_sales failed.")
        expect(card).to_contain_text("Look at dbt/retail/fct_sales.")
        box = card.bounding_box()
        self.assertLess(box["y"] + box["height"], 900, "it is seen without scrolling")

    def test_the_board_says_what_the_command_line_says(self):
        assets = {a["asset"]: a for a in morning().ask("status")["assets"]}
        self.assertEqual(
            {key: a["state"] for key, a in assets.items()},
            {SALES: "held", INVENTORY: "up_to_date", MARGIN: "failed", CAMPAIGNS: "failed"},
        )
        for key, asset in assets.items():
            self.open(f"/assets/{key}")
            expect(self.page.locator(".statement")).to_contain_text(asset["sentence"])
            why = morning().ask("why", key)["decisions"][0]
            words = {"hold": "Held", "skip": "Skipped", "run": "Stale"}[why["outcome"]]
            expect(self.page.locator(".timeline")).to_contain_text(words)

    def test_a_run_says_what_the_command_line_says(self):
        for asset, status in ((MARGIN, "failed"), (CAMPAIGNS, "failed"), (INVENTORY, "succeeded")):
            run = morning().runs(asset, status)[0]
            told = morning().ask("runs", "show", run)["run"]
            self.open(f"/runs/{run}")
            expect(self.page.locator("h1 .badge")).to_have_text(status)
            expect(self.page.locator(".ledger > li")).to_have_count(len(told["operations"]))
            if status == "failed":
                message = told["steps"][0]["failure"]["message"]
                expect(self.page.locator(".root-cause")).to_contain_text(message[1:])
                self.assertGreater(self.page.locator(".root-cause").bounding_box()["height"], 40, "it is there to see")

    def test_the_lineage_of_a_late_model_shows_what_makes_it_late(self):
        self.open()
        self.page.locator("article").first.get_by_role("link", name="What makes it late").click()
        expect(self.page.locator(".l-banner")).to_contain_text(
            "sales is held: dbt/retail/fct_sales failed: Database Error in model fct_sales: division by zero."
        )
        expect(self.page.locator(".l-node.marked")).to_have_count(3)
        expect(self.page.locator(".l-node.marked.is-failed")).to_have_attribute("data-id", "dbt/retail/fct_sales")
        self.page.get_by_label("Up", exact=True).fill("1")
        self.page.get_by_label("Up", exact=True).press("Tab")
        expect(self.page).to_have_url(re.compile("up=1"))
        expect(self.page.locator(".l-node")).to_have_count(4)  # the model, its branch and its two tables
        self.page.get_by_role("button", name="Table").click()
        expect(self.page.get_by_role("row").filter(has_text=SALES)).to_contain_text("late")

    def test_attempts_and_the_waits_between_them_are_told_apart(self):
        self.open(f"/runs/{morning().runs(MARGIN, 'failed')[0]}")
        expect(self.page.locator(".gantt-rows .seg.is-retry_wait")).to_have_count(3)
        expect(self.page.locator(".ledger > li")).to_have_count(4)

    def test_a_failure_is_told_once(self):
        self.open(f"/assets/{MARGIN}")
        failed = self.page.locator(".entry.is-failed .sentence").first
        expect(failed).to_have_text("Column 'unit_cost' in table 'fct_margin' contains blank values.")

    def test_a_selection_is_previewed_and_changes_nothing(self):
        before = morning().ask("runs")["runs"]
        self.open("/launch")
        self.page.get_by_label("Selection").fill("kind:powerbi.semantic_model")
        self.page.get_by_role("button", name="Preview the plan").click()
        expect(self.page.locator(".plan-step.is-hold")).to_contain_text("dbt/retail/fct_sales failed")
        expect(self.page.locator(".plan-step.is-run")).to_have_count(2)
        expect(self.page.locator(".plan-step.is-skip")).to_contain_text("nothing changed in its 2 inputs")
        self.assertEqual(morning().ask("runs")["runs"], before)

    def test_a_mistyped_selection_names_the_nearest(self):
        self.open("/launch?selection=powerbi/retail/slaes")
        expect(self.page.get_by_role("alert")).to_contain_text("Did you mean")

    def test_skips_are_collapsed_and_open_to_their_evidence(self):
        self.open(f"/assets/{INVENTORY}")
        skipped = self.page.locator(".entry.is-skipped").first
        skipped.locator("summary").click()
        expect(skipped.locator(".evidence tbody tr")).to_have_count(2)
        expect(skipped).to_contain_text("the same")

    def test_an_address_brings_back_what_was_seen(self):
        self.open(f"/lineage?focus={SALES}&up=1&down=0&pick=gate/sales")
        expect(self.page.locator(".l-panel h2")).to_have_text("gate/sales")
        self.page.get_by_role("button", name="Zoom in").click()
        expect(self.page).to_have_url(re.compile(r"z=\d"))
        self.page.reload()
        expect(self.page.locator(".l-panel h2")).to_have_text("gate/sales")

    def test_times_follow_the_zone_that_was_chosen(self):
        self.open(f"/assets/{SALES}")
        expect(self.page.locator(".statement")).to_contain_text("07:30: promised")
        self.page.locator("#menu-zone summary").click()
        self.page.get_by_role("button", name="UTC", exact=True).click()
        expect(self.page.locator(".statement")).to_contain_text(re.compile("0[56]:30: promised"))

    def test_a_phone_shows_the_same_without_scrolling_sideways(self):
        self.page.set_viewport_size({"width": 360, "height": 780})
        for path in ("/", "/assets", "/runs", "/sensors", "/launch", "/savings", "/config", f"/assets/{SALES}"):
            self.open(path)
            self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 360, path)
        self.page.get_by_role("button", name="Pages", exact=True).click()
        self.page.get_by_role("link", name="Runs").click()
        expect(self.page.locator("h1")).to_have_text("Runs")


class Keyboard(Journey):
    role = "viewer"

    def test_everything_is_reached_without_a_mouse(self):
        self.open()
        keyboard = self.page.keyboard
        keyboard.press("g")
        keyboard.press("r")
        expect(self.page.locator("h1")).to_have_text("Runs")
        keyboard.press("j")
        keyboard.press("Enter")
        expect(self.page.locator("h1 .badge")).to_be_visible()
        keyboard.press("/")
        self.page.get_by_role("dialog").get_by_role("combobox").fill("fct_sales")
        expect(self.page.get_by_role("dialog").get_by_role("option").first).to_contain_text("fct_sales")
        keyboard.press("ArrowDown")
        keyboard.press("Enter")
        expect(self.page.locator("h1")).to_contain_text("fct_sales")
        keyboard.press("?")
        expect(self.page.get_by_role("dialog")).to_contain_text("Keyboard")
        keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def test_arrows_follow_the_edges_of_the_graph(self):
        self.open("/lineage")
        self.page.locator(".l-svg").focus()
        chosen = self.page.locator(".l-node.selected")
        self.page.keyboard.press("ArrowRight")
        expect(chosen).to_have_attribute("data-id", SALES)  # what is late comes first
        self.page.keyboard.press("ArrowLeft")
        expect(chosen).to_have_attribute("data-id", re.compile("^(gate|warehouse)/"))
        expect(self.page.locator("#announcements")).to_contain_text("reads")
        self.page.keyboard.press("ArrowRight")
        expect(chosen).to_have_count(1)

    def test_single_keys_can_be_switched_off(self):
        self.open()
        self.page.keyboard.press("?")
        self.page.get_by_label("Single-key shortcuts").uncheck()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("g")
        self.page.keyboard.press("r")
        expect(self.page).to_have_url(re.compile("/$"))


class Doors(Journey):
    """Each role as it comes in, and what it is offered."""

    role = None

    def test_a_stranger_is_sent_to_the_door_and_back_to_the_page(self):
        self.page.goto(self.base + "/runs?status=failed")
        expect(self.page.locator("h1")).to_have_text("Sign in to Freshet")
        self.page.get_by_label("User name").fill("vera")
        self.page.get_by_label("Password").fill("ein Esel liest immer")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("alert")).to_contain_text("wrong")
        sign_in(self.page, "vera")
        expect(self.page).to_have_url(re.compile("/runs.status=failed$"))
        self.page.locator("#menu-user summary").click()
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.locator("h1")).to_have_text("Sign in to Freshet")
        self.page.goto(self.base + "/")
        expect(self.page.locator("h1")).to_have_text("Sign in to Freshet")

    def test_the_link_of_freshet_ui_opens_once(self):
        link = morning().link()
        self.page.goto(link)
        expect(self.page.locator("h1")).to_contain_text("late")
        self.assertNotIn("token", self.page.url)
        expect(self.page.get_by_role("link", name="Audit")).to_be_visible()
        other = self.context.browser.new_context()
        page = other.new_page()
        page.goto(link)
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("h1")).to_have_text("Sign in to Freshet")
        other.close()

    def test_each_role_is_offered_what_it_may(self):
        offers = re.compile("^(Pause|Retry|Resolve)")
        for user, may_act, may_read_audit in (("vera", False, False), ("oscar", True, False), ("ada", True, True)):
            with self.subTest(user):
                self.context.clear_cookies()
                self.page.goto(self.base + "/login")
                sign_in(self.page, user)
                for path in ("/", f"/assets/{INVENTORY}", "/sensors"):
                    self.open(path)
                    buttons = self.page.get_by_role("button", name=offers)
                    if may_act:
                        expect(buttons.first).to_be_visible()
                    else:
                        expect(buttons).to_have_count(0)
                self.open(f"/launch?selection={MARGIN}")
                expect(self.page.locator(".plan-step").first).to_be_visible()
                expect(self.page.get_by_role("button", name=re.compile("^Run "))).to_have_count(int(may_act))
                expect(self.page.get_by_role("link", name="Audit")).to_have_count(int(may_read_audit))

    def test_where_to_go_afterwards_is_never_another_site(self):
        self.page.goto(self.base + "/login?next=//evil.example/")
        sign_in(self.page, "vera")
        self.assertTrue(self.page.url.startswith(self.base), self.page.url)


class Accessibility(Journey):
    role = "admin"

    def test_axe_finds_nothing_serious_on_any_page_light_and_dark(self):
        for name, path in pages(morning()).items():
            if name == "login":
                self.context.clear_cookies()
            self.open(path)
            # Nothing but colours is another in the dark.
            for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
                with self.subTest(f"{name}, {scheme}"):
                    self.page.emulate_media(color_scheme=scheme)
                    self.assertEqual(serious(self.page, rules), [])
            self.page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    unittest.main()
