"""What the board says of the things that the daemon stands on."""

import json
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

import contract
from test_tls import certificate
from world import SALES, World


class Attention(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        self.settings = Path(self.world.folder, "freshet.yaml")
        self.text = self.settings.read_text()

    def rows(self, code):
        answer = self.world.get("/api/v1/board")
        self.assertEqual(contract.mistakes("GET", "/api/v1/board", answer), [])
        return [row for row in answer.json["attention"] if row["code"] == code]

    def power_bi(self, method, path, body=None):
        known = self.world.environment
        form = {
            "grant_type": "client_credentials",
            "client_id": known["POWERBI_CLIENT_ID"],
            "client_secret": known["POWERBI_CLIENT_SECRET"],
            "scope": "https://analysis.windows.net/powerbi/api/.default",
        }
        place = f"{known['POWERBI_AUTHORITY_URL']}/{known['POWERBI_TENANT_ID']}/oauth2/v2.0/token"
        with urllib.request.urlopen(place, urllib.parse.urlencode(form).encode()) as answer:
            token = json.load(answer)["access_token"]
        request = urllib.request.Request(
            f"{known['POWERBI_API_URL']}/v1.0/myorg/{path}",
            json.dumps(body).encode() if body else None,
            {"Authorization": "Bearer " + token, "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text)["value"] if text else None

    def test_a_schedule_of_the_service_that_is_still_on(self):
        workspace = next(w for w in self.power_bi("GET", "groups") if w["name"] == "Retail")["id"]
        models = self.power_bi("GET", f"groups/{workspace}/datasets")
        for model in models:
            path = f"groups/{workspace}/datasets/{model['id']}/refreshSchedule"
            self.power_bi("PATCH", path, {"value": {"enabled": True, "notifyOption": "NoNotification", "times": ["06:00"]}})
        self.settings.write_text(self.text + "\nserver: {checkup_every: 1s}\n")
        self.world.start()
        [row] = self.world.wait(lambda: self.rows("ui_schedule_on"), "the schedule to be seen")
        self.assertIn("its own schedule is on: 06:00", row["sentence"])
        self.assertEqual((row["severity"], row["count"]), ("warning", 2))
        asset = self.world.get(f"/api/v1/assets/{SALES.replace('/', ':')}").json
        self.assertTrue(any("its own schedule is on" in text for text in asset["remote"]["warnings"]))
        for model in models:
            path = f"groups/{workspace}/datasets/{model['id']}/refreshSchedule"
            self.power_bi("PATCH", path, {"value": {"enabled": False}})
        self.world.wait(lambda: not self.rows("ui_schedule_on"), "the schedule to be off")

    def test_a_certificate_that_ends_and_a_connection_that_does_not_work(self):
        certificate(self.world.folder, "own")
        self.settings.write_text(
            self.text + "\nserver:\n  checkup_every: 1s\n  tls: {certificate: own.pem, key: own.key}\n"
        )
        self.world.environment["POWERBI_CLIENT_SECRET"] = "not the secret"
        self.world.start()
        ask = self.world.get
        self.world.get = lambda *given, **more: ask(*given, over_socket=True, **more)
        [row] = self.world.wait(lambda: self.rows("credential_expiring"), "the certificate to be looked at")
        self.assertIn("The certificate of the pages and the API (server.tls) ends on 20", row["sentence"])
        [row] = self.world.wait(lambda: self.rows("connection_failing"), "the connection to be looked at")
        self.assertIn("The connection powerbi: ", row["sentence"])
        self.assertEqual(row["severity"], "error")
        self.assertNotIn("not the secret", self.world.get("/api/v1/board").body.decode())

    def test_files_that_are_not_as_they_were(self):
        self.world.start()
        looker = self.world.sign_up("looker", "viewer")
        self.assertEqual(self.rows("config_changed") + self.rows("config_invalid"), [])
        self.settings.write_text(self.text + "\n# a remark\n")
        [row] = self.world.wait(lambda: self.rows("config_changed"), "the remark to be seen")
        self.assertEqual(row["severity"], "info")
        self.settings.write_text(self.text + "\nnonsense: true\n")
        [row] = self.world.wait(lambda: self.rows("config_invalid"), "the mistake to be seen")
        self.assertRegex(row["sentence"], r"a mistake at freshet.yaml:\d+:1")
        self.assertNotIn("nonsense", row["sentence"])
        [mistake] = [d for d in self.world.get("/api/v1/config").json["diagnostics"] if d["severity"] == "error"]
        self.assertIn("nonsense", mistake["message"])
        shown, self.world.token = self.world.token, looker
        veiled = self.world.get("/api/v1/config").json
        self.assertEqual((veiled["diagnostics"][0]["message"], veiled["diff"]), ("a mistake, shown to an admin", []))
        self.world.token = shown
        self.settings.write_text(self.text)
        self.world.wait(lambda: not self.rows("config_changed") + self.rows("config_invalid"), "all to be as it was")

    def test_what_keeps_a_reload_back_is_looked_at_anew(self):
        self.world.start()
        self.settings.write_text(self.text + "\nserver: {tls: {certificate: own.pem, key: own.key}}\n")
        self.assertFalse(self.world.get("/api/v1/config").json["valid"])
        certificate(self.world.folder, "own")
        self.assertTrue(self.world.get("/api/v1/config").json["valid"])
        Path(self.world.folder, "own.key").unlink()
        self.assertEqual(self.world.post("/api/v1/config/reload", {}).status, 400)


if __name__ == "__main__":
    unittest.main()
