"""What the journeys share: a browser, a person in it, and pages to go to.

By default the pages are served with sample answers by web/dev/server.py. FRESHET_URL points them at a daemon that has played
the same story; journeys that only the samples can tell are skipped there.
"""

import os
import sys
import unittest
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web/dev"))

expect.set_options(timeout=15_000)


class Journey(unittest.TestCase):
    """A test with a page of its own, and a world of its own unless FRESHET_URL names one."""

    role = "operator"
    viewport = {"width": 1440, "height": 900}

    @classmethod
    def setUpClass(cls):
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()

    def setUp(self):
        self.server = None
        self.base = os.environ.get("FRESHET_URL")
        if not self.base:
            from server import start

            self.server, self.base = start(role=self.role, pace=3600)
        self.page = self.browser.new_page(viewport=self.viewport, reduced_motion="reduce")
        self.page.set_default_timeout(15_000)
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def tearDown(self):
        self.page.close()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.assertEqual(self.problems, [])

    def finish(self):
        """Lets the run that was begun end; a daemon does so by itself."""
        if self.server:
            self.server.finish()

    def open(self, path="/"):
        self.page.goto(self.base + path)
        expect(self.page.locator("main h1").first).to_be_visible()
