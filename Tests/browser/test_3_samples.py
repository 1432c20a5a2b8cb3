"""What a small daemon cannot tell, on the frozen answers of web/dev/server.py."""

import re
import unittest

from playwright.sync_api import expect

from journeys import SampleJourney


class Samples(SampleJourney):
    def test_a_lost_refresh_is_resolved_by_choosing_among_candidates(self):
        self.open()
        self.page.locator("article", has_text="tours").get_by_role("link", name="Open the run").click()
        self.page.locator(".root-cause").get_by_role("button", name="Resolve").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("radio")).to_have_count(4)
        dialog.get_by_label(re.compile("^Reason")).fill("seen in the portal: ours")
        dialog.get_by_role("button", name="Resolve").click()
        expect(self.page.locator(".ledger")).to_contain_text("resolved")

    def test_a_double_click_is_one_run(self):
        self.open("/launch?selection=group:sales or powerbi/retail/campaigns")
        self.page.get_by_role("button", name="Run 2 steps").dblclick()
        expect(self.page.locator("h1")).to_contain_text("2 assets")
        begun = [r for r in self.server.world.runs if r["actor"] == "user:ana" and r["status"] == "running"]
        self.assertLessEqual(len(begun), 1)

    def test_an_event_is_not_lost_while_the_connection_is(self):
        self.open("/launch?selection=powerbi/retail/campaigns")
        self.page.get_by_role("button", name="Run 1 step").click()
        expect(self.page.locator("h1")).to_contain_text("running")
        expect(self.page.locator(".live")).to_have_text("live")
        self.context.set_offline(True)
        self.server.finish()
        self.context.set_offline(False)
        expect(self.page.locator("h1")).to_contain_text("succeeded")

    def test_the_way_to_an_identity_provider_never_leads_to_another_site(self):
        self.page.goto(self.base + "/login?next=//evil.example/")
        href = self.page.locator("a", has_text="Continue with").get_attribute("href")
        self.assertTrue(href.endswith("next=%2F"), href)


if __name__ == "__main__":
    unittest.main()
