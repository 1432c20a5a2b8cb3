"""What must not keep a daemon from stopping, and what must not make it stop."""

import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

from world import BINARY, SALES, World


class Stopping(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        self.world.land("dbt-1")
        self.world.start()

    def seconds_to_stop(self):
        begun = time.monotonic()
        self.world.daemon.terminate()
        self.assertEqual(self.world.daemon.wait(60), 0)
        return time.monotonic() - begun

    def test_who_waits_for_a_run_is_answered_and_goes_on_after_the_restart(self):
        self.world.settle()
        body = {"selection": "*", "forced": True, "reason": "to be waited for"}
        answers = []
        # The refresh takes longer than the daemon has.
        self.world.slow("Sales", 5)
        asking = threading.Thread(
            target=lambda: answers.append(self.world.post("/api/v1/runs?wait=300", body, key="waited-for-1", timeout=120))
        )
        asking.start()
        self.world.wait(lambda: self.world.get("/api/v1/board").json["running"], "the run")
        self.assertLess(self.seconds_to_stop(), 20)
        asking.join(30)
        self.assertEqual(answers[0].status, 202, answers[0].body)
        self.world.daemon = None
        self.world.start()
        ended = self.world.post("/api/v1/runs?wait=60", body, key="waited-for-1", timeout=90)
        self.assertEqual((ended.status, ended.json["run"]["status"]), (200, "succeeded"), ended.body)

    def test_who_sends_slowly_does_not_hold_it_up(self):
        host, port = self.world.base.split(":")
        with socket.create_connection((host, int(port))) as client:
            head = f"POST /api/v1/session HTTP/1.1\r\nHost: {self.world.base}\r\nContent-Type: application/json\r\n"
            client.sendall((head + "Content-Length: 500\r\n\r\n{").encode())
            self.assertEqual(self.world.get("/healthz").status, 200)
            self.assertLess(self.seconds_to_stop(), 20)
        self.world.daemon = None


class Reloading(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        self.world.land("dbt-1")
        self.world.start()
        self.settings = Path(self.world.folder, "freshet.yaml")
        self.text = self.settings.read_text()

    def test_files_that_a_daemon_could_not_begin_with_change_nothing(self):
        for mistake in (
            "server: {external_url: foo}",
            "server: {trusted_proxies: [0.0.0.0/0]}",
            "server: {tls: {certificate: a.pem, key: b.pem}}",
            "server: {session_idle: 0s}",
            "store: /proc/nope/x.db",
        ):
            lines = [line for line in self.text.splitlines() if not line.startswith("store:")]
            self.settings.write_text("\n".join([*lines, mistake, ""]))
            answer = self.world.post("/api/v1/config/reload", {})
            self.assertEqual(answer.status, 400, (mistake, answer.body))
            self.assertIsNone(self.world.daemon.poll(), mistake)
            self.assertFalse(self.world.get("/api/v1/config").json["valid"])
            checked = subprocess.run(
                [BINARY, "check"], cwd=self.world.folder, env=self.world.environment, capture_output=True, text=True
            )
            self.assertEqual(checked.returncode, 0 if mistake.startswith("store") else 4, (mistake, checked.stderr))

    def test_no_secret_of_a_file_is_shown_or_kept(self):
        canary = "hunter3literal"
        viewer = self.world.sign_up("viewer", "viewer")
        connection = f"\nconnections:\n  other: {{kind: sqlite, path: x.db, password: {canary}}}\n"
        start, rest = self.text.split("\nconnections:\n", 1)
        self.settings.write_text(start + connection + rest)
        for token in (self.world.token, viewer):
            answer = self.world.get("/api/v1/config", headers={"Authorization": "Bearer " + token})
            self.assertTrue(answer.json["differs"])
            self.assertEqual(bool(answer.json["diff"]), token != viewer)
            self.assertNotIn(canary.encode(), answer.body)
        self.world.post("/api/v1/config/reload", {})
        self.world.stop()
        for file in Path(self.world.folder, ".freshet").iterdir():
            if file.is_file():
                self.assertNotIn(canary.encode(), file.read_bytes(), file)


class Retrying(unittest.TestCase):
    def test_a_model_whose_run_waits_for_its_next_attempt_has_failed_and_says_when(self):
        with World() as world:
            world.land("dbt-1")
            world.start()
            world.settle()
            world.fail("Sales", 3)
            world.post("/api/v1/runs", {"selection": SALES, "forced": True, "reason": "to see it fail"})
            row = world.wait(
                lambda: next(
                    (r for r in world.get("/api/v1/board").json["assets"] if "tried again at" in r["sentence"]), None
                ),
                "the wait for the next attempt",
            )
            self.assertEqual((row["asset"], row["state"]), (SALES, "failed"))
            self.assertIn("the gateway is not reachable", row["sentence"])


if __name__ == "__main__":
    unittest.main()
