"""What the journeys share: a browser, a daemon that has played its morning, people who sign in to it, and what axe finds."""

import functools
import os
import shutil
import sys
import unittest
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from morning import PASSWORD, PEOPLE, Morning

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web/dev"))

expect.set_options(timeout=20_000)

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@functools.cache
def morning():
    """The one daemon of the whole suite."""
    return Morning()


@functools.cache
def browser():
    """The one browser of the whole suite; it ends with the program."""
    return sync_playwright().start().chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def sign_in(page, user):
    """Through the page, as people do."""
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#menu-user summary")).to_contain_text(user)


@functools.cache
def signed_in(role):
    """The cookies of somebody of that role."""
    user = next(name for name, theirs in PEOPLE.items() if theirs == role)
    context = browser().new_context()
    page = context.new_page()
    page.goto(morning().base + "/login")
    sign_in(page, user)
    state = context.storage_state()
    context.close()
    return state


def serious(page, rules=None):
    """What axe calls serious or critical, each in a line; `rules` names some of its rules."""
    return [
        f"{found['impact']}: {found['id']}: {found['nodes'][0]['html'][:160]}"
        for found in Axe().run(page, options={"runOnly": rules} if rules else RULES).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


class Journey(unittest.TestCase):
    """A test with a page of its own, and somebody of a role in it; `None` is a stranger."""

    role = "operator"
    viewport = {"width": 1440, "height": 900}

    def setUp(self):
        self.arrive()
        options = {"viewport": self.viewport, "reduced_motion": "reduce"}
        if state := self.cookies():
            options["storage_state"] = state
        self.context = browser().new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self.heard)

    def heard(self, message):
        """A refusal is an answer, and some journeys ask for one; whatever else the console shows is a fault."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(message.text)

    def arrive(self):
        self.base = morning().base

    def cookies(self):
        return self.role and signed_in(self.role)

    def tearDown(self):
        self.context.close()
        self.assertEqual(self.problems, [])

    def open(self, path="/"):
        self.page.goto(self.base + path)
        expect(self.page.locator("main h1").first).to_be_visible()


class SampleJourney(Journey):
    """On the sample answers of web/dev/server.py: what a daemon cannot hold still, or has too few assets for."""

    def arrive(self):
        from server import start

        self.server, self.base = start(role=self.role, pace=3600)

    def cookies(self):
        return None

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        super().tearDown()
