"""A refresh of which nobody knows what became of it: its answer is lost and history cannot be read. A person settles it."""

import unittest
from pathlib import Path

import contract
from world import SALES, World

# In a hurry: a refresh is given up after seconds, not hours.
HASTE = [
    ("powerbi: {poll_interval: 500ms,", "powerbi: {cancel_grace: 1s, reconcile_after: [500ms, 1s], poll_interval: 500ms,"),
    ("        retry: {delay: 2s}", "        retry: {delay: 2s}\n        timeout: 4s"),
]


class Unresolved(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        file = Path(self.world.folder, "freshet.yaml")
        text = file.read_text()
        for usual, hasty in HASTE:
            self.assertIn(usual, text)
            text = text.replace(usual, hasty)
        file.write_text(text)
        self.world.land("dbt-1")
        self.world.start()
        self.world.settle()

    def ask(self, method, path, body=None, status=200, **more):
        answer = (self.world.post if method == "POST" else self.world.get)(path, body, **more)
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(contract.mistakes(method, path, answer), [])
        return answer.json

    def lose(self, drop, **refresh):
        """Loses the answer of the next refresh of the model, before or after its effect; gives the operation."""
        # History is read once before the request; what would tell what became of it is not answered.
        self.world.script("refresh_get", "Sales", {"status": 500}, times=-1, skip=1)
        self.world.script("refresh_post", "Sales", {"drop": drop, **refresh})
        ended = self.ask("POST", "/api/v1/runs?wait=60", {"selection": SALES, "forced": True, "reason": "to lose it"}, timeout=90)
        self.assertEqual(ended["run"]["status"], "failed")
        self.world.forget_faults()
        (operation,) = self.ask("GET", f"/api/v1/runs/{ended['run']['id']}/operations")["operations"]
        self.assertEqual((operation["state"], operation["request_id"]), ("unresolved", None))
        return operation["id"]

    def operation(self, handle):
        return self.ask("GET", f"/api/v1/operations/{handle}/candidates")

    def resolve(self, handle, status=202, **body):
        key = body.pop("key", None)
        return self.ask("POST", f"/api/v1/operations/{handle}/resolve", body, status, key=key)

    def begin_again(self):
        self.world.kill()
        self.world.start()

    def test_what_took_place_is_adopted_though_the_daemon_dies_in_between(self):
        handle = self.lose("after")
        self.begin_again()
        shown = self.operation(handle)
        self.assertEqual(shown["operation"]["state"], "unresolved")
        likely = [c for c in shown["candidates"] if c["likely"] and c["status"] == "Completed"]
        newest = max(likely, key=lambda c: c["started_at"])
        # What an earlier run is known to have asked for is not what this one asked for.
        others = {
            operation["request_id"]
            for run in self.ask("GET", "/api/v1/runs")["runs"]
            for operation in self.ask("GET", f"/api/v1/runs/{run['id']}/operations")["operations"]
        } - {None}
        self.assertTrue(others)
        self.assertEqual(others & {c["request_id"] for c in shown["candidates"]}, set())

        adopt = {"outcome": "adopt", "request_id": newest["request_id"], "reason": "seen in the portal"}
        for body in (
            adopt | {"outcome": "maybe"},
            adopt | {"request_id": "0b0f4c1e-0000-4000-8000-000000000000"},
            adopt | {"request_id": next(iter(others))},
            {name: adopt[name] for name in ("outcome", "reason")},
        ):
            self.resolve(handle, 400, **body)
        self.resolve(handle, 422, **adopt | {"reason": " "})
        self.resolve(handle[:-1] + ("0" if handle[-1] != "0" else "1"), 404, **adopt)
        self.world.script("refresh_get", "Sales", {"status": 500}, times=-1)
        self.assertIn("did not answer", self.resolve(handle, 400, **adopt)["errors"][0]["detail"])
        self.world.forget_faults()
        self.assertEqual(self.operation(handle)["operation"]["state"], "unresolved")

        self.resolve(handle, **adopt, key="adopted-once")
        self.begin_again()
        kept = self.operation(handle)["operation"]
        self.assertEqual((kept["state"], kept["request_id"], kept["adopted"]), ("completed", newest["request_id"], True))
        # The same again is answered as before; another end is none.
        self.resolve(handle, **adopt, key="adopted-once")
        self.resolve(handle, 409, outcome="not_found", reason="it was not there")
        (row,) = [r for r in self.ask("GET", "/api/v1/audit")["rows"] if r["action"] == "operations.resolve" and r["outcome"] == "allowed"]
        self.assertEqual((row["target"], row["reason"]), (handle, "seen in the portal"))
        self.assert_refreshes_again()

    def test_a_refresh_that_failed_is_not_adopted_as_a_success(self):
        handle = self.lose("after", end="Failed", error={"code": "ModelRefresh_ShortMessage_ProcessingError"})
        failed = [c for c in self.operation(handle)["candidates"] if c["likely"] and c["status"] == "Failed"]
        self.assertEqual(len(failed), 1)
        self.resolve(handle, outcome="adopt", request_id=failed[0]["request_id"], reason="seen in the portal")
        self.assertEqual(self.operation(handle)["operation"]["state"], "failed")

    def test_a_refresh_that_still_runs_is_not_adopted(self):
        handle = self.lose("after", duration=60)
        (running,) = [c for c in self.operation(handle)["candidates"] if c["ended_at"] is None]
        self.resolve(handle, 400, outcome="adopt", request_id=running["request_id"], reason="it will do")

    def test_what_did_not_take_place_is_given_up_though_the_daemon_dies_in_between(self):
        handle = self.lose("before")
        self.begin_again()
        self.resolve(handle, outcome="not_found", reason="the portal does not have it", key="given-up-1")
        self.resolve(handle, 422, outcome="not_found", reason="?")
        self.begin_again()
        kept = self.operation(handle)["operation"]
        self.assertEqual((kept["state"], kept["request_id"]), ("not_found", None))
        self.assertEqual(self.world.post(f"/api/v1/operations/{handle}/reattach", {}).status, 409)
        self.assert_refreshes_again()

    def test_the_step_is_taken_up_again_though_the_daemon_dies_before_it_begins(self):
        handle = self.lose("after")
        path = f"/api/v1/operations/{handle}/reattach"
        self.ask("POST", path, {"reason": "look again", "outcome": "adopt"}, 400)
        self.ask("POST", "/api/v1/operations/0/reattach", {}, 404)
        viewer = self.world.sign_up("viewer", "viewer")
        self.ask("POST", path, {}, 403, headers={"Authorization": "Bearer " + viewer})
        taken = self.ask("POST", path, {"reason": "look again"}, 202, key="again-again")
        self.begin_again()
        self.assertEqual(self.ask("POST", path, {"reason": "look again"}, 202, key="again-again"), taken)

        def run():
            trigger = self.ask("GET", f"/api/v1/triggers/{taken['trigger']}")["trigger"]
            into = (trigger["disposition"] or {}).get("into")
            return into and next((r for r in self.ask("GET", "/api/v1/runs")["runs"] if r["id"] == into and r["ended_at"]), None)

        self.assertEqual(self.world.wait(run, "the run")["status"], "succeeded")
        self.world.settle()

    def assert_refreshes_again(self):
        """What a person has settled stands in nobody's way."""
        body = {"selection": SALES, "forced": True, "reason": "after it was settled"}
        self.assertEqual(self.ask("POST", "/api/v1/runs?wait=60", body, timeout=90)["run"]["status"], "succeeded")


if __name__ == "__main__":
    unittest.main()
