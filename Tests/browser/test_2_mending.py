"""What people come to do, after the morning; each journey leaves the daemon in another state than it found it in."""

import re
import unittest

from playwright.sync_api import expect

from journeys import Journey, morning
from morning import CAMPAIGNS, INVENTORY, MARGIN


class Mending(Journey):
    def test_a_failed_run_says_its_root_cause_and_is_retried(self):
        self.open()
        self.page.locator("article", has_text="margin").get_by_role("link", name="Open the run").click()
        expect(self.page.locator(".root-cause")).to_contain_text(
            "Column 'unit_cost' in table 'fct_margin' contains blank values."
        )
        # Slow enough to be seen running, and begun only when the page listens.
        morning().emulator("POST", "models/Margin", {"duration": 4})
        expect(self.page.locator(".live")).to_have_text("live")
        self.page.get_by_role("button", name="Retry", exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name="Retry").click()
        expect(self.page.locator("h1")).to_contain_text("running")
        expect(self.page.locator("h1")).to_contain_text("succeeded")  # the stream tells, nothing is reloaded
        self.assertEqual(morning().state_of(MARGIN), "up_to_date")
        morning().emulator("POST", "models/Margin", {"duration": 1})

    def test_an_unresolved_refresh_is_resolved_with_a_reason(self):
        self.open()
        self.page.locator("article", has_text="campaigns").get_by_role("link", name="Open the run").click()
        self.page.locator(".root-cause").get_by_role("button", name="Resolve").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog.get_by_role("radio").first).to_be_visible()
        dialog.get_by_label(re.compile("^Reason")).fill("seen in the portal: not ours")
        dialog.get_by_role("button", name="Resolve").click()
        expect(self.page.locator(".ledger")).to_contain_text("resolved")

    def test_a_preview_is_launched_once_however_often_it_is_clicked(self):
        before = len(morning().runs(INVENTORY))
        self.open(f"/launch?selection={INVENTORY}")
        expect(self.page.locator(".plan-step.is-skip")).to_be_visible()
        self.page.get_by_label(re.compile("force")).check()
        self.page.get_by_role("button", name="Preview the plan").click()
        expect(self.page.locator(".plan-step.is-run")).to_contain_text("inventory")
        self.page.get_by_role("button", name="Run 1 step").click()
        expect(self.page.get_by_role("alert")).to_have_text("Say why it is forced.")
        self.page.get_by_label("Reason").fill("to see it once")
        self.page.get_by_role("button", name="Run 1 step").dblclick()
        expect(self.page.locator("h1")).to_contain_text("inventory")
        expect(self.page.locator("h1")).to_contain_text("succeeded")
        self.assertEqual(len(morning().runs(INVENTORY)), before + 1)

    def force(self, reason, seconds):
        """Launches a refresh that takes so long, and gives the id of its run, whose page is open then."""
        morning().emulator("POST", "models/Inventory", {"duration": seconds})
        self.open(f"/launch?selection={INVENTORY}&forced=1")
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("button", name="Run 1 step").click()
        expect(self.page.locator("h1")).to_contain_text("running")
        return self.page.url.rsplit("/", 1)[1].split("?")[0]

    def test_an_event_is_not_lost_while_the_connection_is(self):
        run = self.force("to be away meanwhile", seconds=3)
        expect(self.page.locator(".live")).to_have_text("live")
        self.context.set_offline(True)
        morning().ended(run)
        self.context.set_offline(False)
        expect(self.page.locator("h1")).to_contain_text("succeeded")
        morning().emulator("POST", "models/Inventory", {"duration": 1})

    def test_a_reading_that_fails_is_made_again(self):
        run = self.force("to be read in vain", seconds=3)
        # The stream goes on: it tells of the end, and then there is nothing more to tell.
        self.page.route("**/api/v1/runs/*", lambda route: route.fulfill(status=503, body="{}"))
        morning().ended(run)
        for _ in range(2):
            with self.page.expect_response(lambda answer: answer.status == 503):
                expect(self.page.locator(".live")).to_have_text("live")
        self.page.unroute("**/api/v1/runs/*")
        expect(self.page.locator("h1")).to_contain_text("succeeded")
        morning().emulator("POST", "models/Inventory", {"duration": 1})

    def test_a_run_is_cancelled_and_so_is_its_refresh(self):
        run = self.force("to cancel it", seconds=60)
        expect(self.page.locator(".ledger .badge").first).to_have_text("accepted")
        self.page.get_by_role("button", name="Cancel", exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()
        expect(self.page.locator("h1")).to_contain_text("cancelled")
        self.assertEqual(morning().ask("runs", "show", run)["run"]["status"], "cancelled")
        morning().emulator("POST", "models/Inventory", {"duration": 1})

    def test_a_model_is_paused_and_resumed(self):
        self.open(f"/assets/{INVENTORY}")
        for action, state, word in (("Pause", "paused", "paused"), ("Resume", "fresh", "up_to_date")):
            self.page.get_by_role("button", name=action, exact=True).click()
            self.page.get_by_role("dialog").get_by_role("button", name=action).click()
            expect(self.page.locator("h1 .badge")).to_have_text(state)
            self.assertEqual(morning().state_of(INVENTORY), word)


class Reckoning(Journey):
    role = "admin"

    def test_what_was_done_stands_in_the_audit(self):
        self.open(f"/assets/{INVENTORY}")
        self.page.get_by_role("button", name="Pause", exact=True).click()
        self.page.get_by_role("dialog").get_by_label(re.compile("^Reason")).fill("for the audit")
        self.page.get_by_role("dialog").get_by_role("button", name="Pause").click()
        expect(self.page.locator("h1 .badge")).to_have_text("paused")
        morning().freshet("resume", INVENTORY)
        self.open("/audit")
        row = self.page.get_by_role("row").filter(has_text="for the audit")
        expect(row).to_contain_text("user:ada")
        expect(row).to_contain_text(INVENTORY)


if __name__ == "__main__":
    unittest.main()
