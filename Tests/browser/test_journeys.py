"""What people come for, each as one test; the names are sentences."""

import re
import unittest

from playwright.sync_api import expect

from journeys import Journey


class Morning(Journey):
    def test_the_late_model_and_its_reason_are_the_first_thing_seen(self):
        self.open()
        expect(self.page.locator("h1")).to_have_text("2 models are late")
        card = self.page.locator("article", has_text="is held")
        expect(card).to_contain_text("sales is held: dbt/retail/fct_sales failed.")
        expect(card).to_contain_text("Mend dbt/retail/fct_sales")
        box = card.bounding_box()
        self.assertLess(box["y"] + box["height"], 900, "it is seen without scrolling")

    def test_the_lineage_of_a_late_model_shows_what_makes_it_late(self):
        self.open()
        self.page.locator("article", has_text="is held").get_by_role("link", name="What makes it late").click()
        expect(self.page.locator(".l-banner")).to_contain_text("dbt/retail/fct_sales failed: Database Error")
        expect(self.page.locator(".l-node.marked")).to_have_count(4)
        expect(self.page.locator(".l-node.marked.is-failed")).to_have_attribute("data-id", "dbt/retail/fct_sales")
        self.page.get_by_label("Up", exact=True).fill("1")
        self.page.get_by_label("Up", exact=True).press("Tab")
        expect(self.page).to_have_url(re.compile("up=1"))
        self.page.get_by_role("button", name="Table").click()
        expect(self.page.get_by_role("row").filter(has_text="powerbi/retail/sales")).to_contain_text("late")

    def test_a_failed_run_says_its_root_cause_and_is_retried(self):
        self.open()
        self.page.locator("article", has_text="margin").get_by_role("link", name="Open the run").click()
        expect(self.page.locator(".root-cause")).to_contain_text(
            "Column 'unit_cost' in table 'fct_margin' contains blank values"
        )
        expect(self.page.locator(".seg.is-retry_wait")).to_have_count(3)  # two waits, and the legend
        expect(self.page.locator(".ledger > li")).to_have_count(3)
        expect(self.page.locator(".log-line.is-error").first).to_be_visible()
        self.page.get_by_role("button", name="Retry", exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name="Retry").click()
        expect(self.page.locator("h1")).to_contain_text("running")
        expect(self.page.locator(".live")).to_have_text("live")
        self.finish()
        expect(self.page.locator("h1")).to_contain_text("succeeded")  # the stream tells, nothing is reloaded

    def test_an_event_is_not_lost_while_the_connection_is(self):
        self.open("/launch?selection=powerbi/retail/campaigns")
        self.page.get_by_role("button", name="Run 1 step").click()
        expect(self.page.locator("h1")).to_contain_text("running")
        expect(self.page.locator(".live")).to_have_text("live")
        self.page.context.set_offline(True)
        self.finish()
        self.page.context.set_offline(False)
        expect(self.page.locator("h1")).to_contain_text("succeeded")

    def test_an_unresolved_refresh_is_resolved_with_a_reason(self):
        self.open()
        self.page.locator("article", has_text="tours").get_by_role("link", name="Open the run").click()
        self.page.locator(".root-cause").get_by_role("button", name="Resolve").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("radio")).to_have_count(4)
        dialog.get_by_label(re.compile("^Reason")).fill("seen in the portal: ours")
        dialog.get_by_role("button", name="Resolve").click()
        expect(self.page.locator(".ledger")).to_contain_text("resolved")

    def test_a_selection_is_previewed_and_then_run(self):
        self.open("/launch")
        self.page.get_by_label("Selection").fill("group:sales or powerbi/retail/campaigns")
        self.page.get_by_role("button", name="Preview the plan").click()
        expect(self.page.locator(".plan-step.is-hold")).to_contain_text("dbt/retail/fct_sales failed")
        expect(self.page.locator(".plan-step.is-run")).to_have_count(2)
        self.page.get_by_role("button", name="Run 2 steps").dblclick()
        expect(self.page.locator("h1")).to_contain_text("2 assets")
        if self.server:
            begun = [run for run in self.server.world.runs if run["actor"] == "user:ana" and run["status"] == "running"]
            self.assertLessEqual(len(begun), 1, "a double click is one run")

    def test_a_mistyped_selection_names_the_nearest(self):
        self.open("/launch?selection=powerbi/retail/slaes")
        expect(self.page.get_by_role("alert")).to_contain_text("Did you mean")

    def test_a_model_is_paused_and_resumed(self):
        self.open("/assets/powerbi/retail/inventory")
        for action, state in (("Pause", "paused"), ("Resume", "fresh")):
            self.page.get_by_role("button", name=action, exact=True).click()
            self.page.get_by_role("dialog").get_by_role("button", name=action).click()
            expect(self.page.locator("h1 .badge")).to_have_text(state)

    def test_skips_are_collapsed_and_open_to_their_evidence(self):
        self.open("/assets/powerbi/retail/inventory")
        skipped = self.page.locator(".entry.is-skipped").first
        skipped.locator("summary").click()
        expect(skipped.locator(".evidence tbody tr")).to_have_count(3)
        expect(skipped).to_contain_text("the same")

    def test_an_address_brings_back_what_was_seen(self):
        self.open("/lineage?focus=powerbi/retail/sales&up=1&down=0&pick=gate/sales")
        expect(self.page.locator(".l-panel h2")).to_have_text("gate/sales")
        self.page.get_by_role("button", name="Zoom in").click()
        expect(self.page).to_have_url(re.compile(r"z=\d"))
        self.page.reload()
        expect(self.page.locator(".l-panel h2")).to_have_text("gate/sales")

    def test_times_follow_the_zone_that_was_chosen(self):
        self.open("/assets/powerbi/retail/sales")
        expect(self.page.locator(".statement")).to_contain_text("Late since 07:30")
        self.page.locator("#menu-zone summary").click()
        self.page.get_by_role("button", name="UTC", exact=True).click()
        expect(self.page.locator(".statement")).to_contain_text("Late since 05:30")


class Keyboard(Journey):
    def test_everything_is_reached_without_a_mouse(self):
        self.open()
        keyboard = self.page.keyboard
        keyboard.press("g")
        keyboard.press("r")
        expect(self.page.locator("h1")).to_have_text("Runs")
        keyboard.press("j")
        keyboard.press("j")
        keyboard.press("Enter")
        expect(self.page.locator("h1 .badge")).to_have_text("failed")
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
        self.page.keyboard.press("ArrowRight")
        expect(self.page.locator(".l-node.selected")).to_have_count(1)
        first = self.page.locator(".l-node.selected").get_attribute("data-id")
        self.page.keyboard.press("ArrowRight")
        expect(self.page.locator(f".l-node.selected:not([data-id='{first}'])")).to_have_count(1)
        expect(self.page.locator("#announcements")).to_contain_text("reads")

    def test_single_keys_can_be_switched_off(self):
        self.open()
        self.page.keyboard.press("?")
        self.page.get_by_label("Single-key shortcuts").uncheck()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("g")
        self.page.keyboard.press("r")
        expect(self.page).to_have_url(re.compile("/$"))


class Narrow(Journey):
    viewport = {"width": 360, "height": 780}

    def test_a_phone_shows_the_same_without_scrolling_sideways(self):
        for path in (
            "/",
            "/assets",
            "/runs",
            "/sensors",
            "/launch",
            "/savings",
            "/config",
            "/assets/powerbi/retail/sales",
            "/lineage",
        ):
            self.open(path)
            self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 360, path)
        self.page.get_by_role("button", name="Pages", exact=True).click()
        self.page.get_by_role("link", name="Runs").click()
        expect(self.page.locator("h1")).to_have_text("Runs")


class Viewer(Journey):
    role = "viewer"

    def test_a_viewer_is_offered_nothing_that_would_be_refused(self):
        for path in ("/", "/assets/powerbi/retail/inventory", "/sensors"):
            self.open(path)
            expect(self.page.get_by_role("button", name=re.compile("^(Pause|Retry|Resolve)"))).to_have_count(0)
        self.open("/launch?selection=group:sales")
        expect(self.page.locator(".plan-step").first).to_be_visible()
        expect(self.page.get_by_role("button", name=re.compile("^Run "))).to_have_count(0)


class Door(Journey):
    def test_signing_out_and_in_comes_back_to_the_page(self):
        self.open("/runs?status=failed")
        self.page.locator("#menu-user summary").click()
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.locator("h1")).to_have_text("Sign in to Freshet")
        self.page.goto(self.base + "/runs?status=failed")
        self.page.get_by_label("User name").fill("ana")
        self.page.get_by_label("Password").fill("wrong")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("alert")).to_contain_text("wrong")
        self.page.get_by_label("Password").fill("right")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(re.compile("status=failed"))

    def test_where_to_go_afterwards_is_never_another_site(self):
        self.page.goto(self.base + "/login?next=//evil.example/")
        href = self.page.locator("a", has_text="Continue with").get_attribute("href")
        self.assertTrue(href.endswith("next=%2F"), href)


if __name__ == "__main__":
    unittest.main()
