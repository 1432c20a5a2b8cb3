"""Secrets that are planted in every credential are found in no byte that Freshet writes or answers.

What is searched: every file below the project's folder (the store with its log, the daemon's output), every answer of the API,
the pages, the metrics and the live events, the answers to mistakes, what commands print, and the command lines of processes.
"""

import base64
import http.client
import json
import secrets
import subprocess
import threading
import unittest
import urllib.parse
from pathlib import Path

from world import BINARY, World

PAGES = ["/", "/lineage", "/assets", "/runs", "/sensors", "/launch", "/savings", "/config", "/audit", "/login", "/main.js"]
READINGS = [
    "board", "assets", "assets/powerbi:retail:sales", "assets/powerbi:retail:sales/definition", "assets/powerbi:retail:sales/timeline",
    "lineage", "lineage/states", "decisions", "runs", "sensors", "ticks", "schedules", "savings", "config", "audit", "session", "users",
    "tokens", "openapi.json",
]


def shapes(secret):
    """The secret as it is, and as it would look on its way through headers, addresses and texts."""
    raw = secret.encode()
    basic = base64.b64encode(raw).rstrip(b"=")
    return {raw, basic, base64.urlsafe_b64encode(raw).rstrip(b"="), urllib.parse.quote(secret, safe="").encode(), raw.hex().encode(),
            json.dumps(secret)[1:-1].encode()}


class Canaries(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.__exit__)
        self.planted = {f"the emulator's secret {number}": secret for number, secret in enumerate(self.world.secrets)}
        self.heard = []

    def plant(self, what):
        self.planted[what] = f"canary {secrets.token_urlsafe(18)}+/é"
        return self.planted[what]

    def run_command(self, *arguments, given=None):
        done = subprocess.run([BINARY, *arguments], cwd=self.world.folder, env=self.world.environment, input=given, capture_output=True, text=True)
        return done

    def hear(self, what, *parts):
        self.heard.append((what, b"\n".join(p if isinstance(p, bytes) else str(p).encode() for p in parts)))

    def ask(self, method, path, body=None, **headers):
        answer = self.world.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        # A cookie is the one place where a session has to be told.
        self.hear(f"{method} {path}", answer.body, [h for h in answer.headers.items() if h[0] != "set-cookie"])
        return answer

    def listen(self, token):
        """Takes in what the stream says until the daemon ends."""
        connection = http.client.HTTPConnection(self.world.base, timeout=60)
        connection.request("GET", "/api/v1/events/stream?after=0", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()

        def read():
            try:
                self.hear("the stream", answer.read())
            except (OSError, http.client.HTTPException) as error:
                self.hear("the stream", getattr(error, "partial", b""))
            connection.close()
        thread = threading.Thread(target=read)
        thread.start()
        return thread

    def test_no_secret_is_in_anything_that_is_written(self):
        world = self.world
        settings = Path(world.folder, "freshet.yaml")
        settings.write_text(settings.read_text() + "\nserver:\n  external_url: https://freshet.example.com\n  oidc:\n    issuer: http://127.0.0.1:9/nowhere\n"
                            "    client_id: freshet\n    client_secret: ${secret:env/OIDC_SECRET}\n    default_role: viewer\n")
        world.environment["OIDC_SECRET"] = self.plant("the secret of the identity provider")
        password = self.plant("a password")
        added = self.run_command("users", "add", "ana", "--role", "admin", given=password + "\n")
        self.assertEqual(added.returncode, 0, added.stderr)
        world.land("dbt-1")
        world.start()

        # From here on each request says for itself who asks.
        token, world.token = world.token, None
        self.planted["a token"] = token
        machine = {"Authorization": f"Bearer {token}"}
        link = self.run_command("ui").stdout.split("#token=")[1].split()[0]
        self.planted["a link"] = link
        stream = self.listen(token)

        entered = self.ask("POST", "/api/v1/session", {"method": "password", "user": "ana", "password": password})
        self.assertEqual(entered.status, 200, entered.body)
        cookie = entered.headers["set-cookie"].split(";")[0]
        self.planted["a session"] = cookie.split("=", 1)[1]
        wrong = self.plant("a password that is wrong")
        self.assertEqual(self.ask("POST", "/api/v1/session", {"method": "password", "user": "ana", "password": wrong}).status, 401)
        self.assertEqual(self.ask("POST", "/api/v1/session", {"method": "password", "user": wrong, "password": wrong}).status, 401)
        stranger = "frt_" + secrets.token_hex(24)
        self.planted["a token that nobody made"] = stranger
        self.assertEqual(self.ask("GET", "/api/v1/board", Authorization=f"Bearer {stranger}").status, 401)
        self.ask("GET", "/api/v1/session/oidc")

        # Work, also such that fails, so that errors of the services are written too.
        world.fail("Sales", 1)
        for path in READINGS:
            answer = self.ask("GET", f"/api/v1/{path}", **machine)
            self.assertIn(answer.status, (200, 304), path)
        for path in PAGES + ["/metrics", "/healthz", "/readyz", "/api/v1/nothing", "/api/v1/runs/nothing"]:
            self.ask("GET", path, **machine)
        run = self.ask("POST", "/api/v1/runs?wait=60", {"selection": "*", "forced": True, "reason": "to see what is written"}, Idempotency_Key="canaries-1", **machine)
        self.assertIn(run.status, (200, 202), run.body)
        for word in ("", "/log", "/steps", "/operations"):
            self.ask("GET", f"/api/v1/runs/{run.json['run']['id']}{word}", **machine)
        for arguments in (["status"], ["runs"], ["why", "powerbi/retail/sales"], ["doctor"], ["config", "show", "powerbi/retail/sales"],
                          ["tokens", "list"], ["users", "list"], ["secrets", "check"], ["check"], ["plan", "--verbose"]):
            done = self.run_command(*arguments)
            self.hear("freshet " + " ".join(arguments), done.stdout, done.stderr)
        self.hear("the daemon's command line", Path(f"/proc/{world.daemon.pid}/cmdline").read_bytes())
        before = len(self.heard)
        world.stop()
        stream.join(30)
        self.assertGreater(len(self.heard), before, "the stream was heard to its end")

        for file in Path(world.folder).rglob("*"):
            if file.is_file():
                self.hear(f"the file {file.relative_to(world.folder)}", file.read_bytes())
        files = [name for name, _ in self.heard if name.startswith("the file ")]
        self.assertIn("the file .freshet/freshet.db", files)
        self.assertIn("the file daemon.log", files)
        self.assertGreater(sum(len(text) for _, text in self.heard), 200_000)
        # What is no secret is seen there, so the search can see.
        for place in ("the file .freshet/freshet.db", "the file daemon.log", "GET /api/v1/board", "the stream", "freshet status"):
            self.assertTrue(any(b"powerbi/retail/sales" in text for name, text in self.heard if name == place), place)
        found = [f"{what} is in {where}" for what, secret in self.planted.items() for shape in shapes(secret)
                 for where, text in self.heard if shape in text]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
