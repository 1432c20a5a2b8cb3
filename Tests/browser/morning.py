"""A daemon that has played its morning, and the ways to sign in to its pages.

`freshet demo --listen` does the playing, so that the pages are held against the very story that the demo tells.
"""

import atexit
import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FRESHET_BINARY", str(ROOT / ".build/debug/freshet"))
PASSWORD = "ein Esel liest nie"
PEOPLE = {"vera": "viewer", "oscar": "operator", "ada": "admin"}
SALES, INVENTORY = "powerbi/retail/sales", "powerbi/retail/inventory"
MARGIN, CAMPAIGNS = "powerbi/retail/margin", "powerbi/retail/campaigns"


class Morning:
    """Plays the story, which takes about a minute; ends with the program that asked for it."""

    def __init__(self):
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{place.getsockname()[1]}"
        self.base = "http://" + address
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [BINARY, "demo", "--json", "--listen", address],
            cwd=ROOT,
            env=os.environ | {"FRESHET_WEB": str(ROOT / "web"), "SWIFT_BACKTRACE": "enable=no"},
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        atexit.register(self.end)
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise AssertionError(f"the morning did not hold: {self.log.read()}")
        self.told = json.loads(line)
        self.control = self.told["control_url"]
        text = Path(self.told["environment"]).read_text().replace("export ", "")
        self.environment = os.environ | dict(word.split("=", 1) for word in shlex.split(text))
        for name, role in PEOPLE.items():
            self.freshet("users", "add", name, "--role", role, "--title", name.title(), stdin=PASSWORD + "\n")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def freshet(self, *arguments, stdin=None):
        """What the command line says to somebody at this machine."""
        done = subprocess.run(
            [BINARY, *arguments], env=self.environment, input=stdin, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise AssertionError(f"freshet {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def ask(self, *arguments):
        return json.loads(self.freshet(*arguments, "--json"))

    def link(self):
        """What opens the pages once, as the daemon's owner."""
        return self.ask("ui")["url"]

    def state_of(self, asset):
        return next(a["state"] for a in self.ask("status")["assets"] if a["asset"] == asset)

    def runs(self, asset, status=None):
        """Their ids, the newest first."""
        runs = self.ask("runs", "--limit", "100")["runs"]
        return [r["id"] for r in runs if asset in r["assets"] and status in (None, r["status"])]

    def ended(self, run):
        """Asks until it is over; each question takes a while by itself."""
        end = time.monotonic() + 60
        while self.ask("runs", "show", run)["run"]["ended_at"] is None:
            if time.monotonic() > end:
                raise AssertionError(f"run {run} did not end")

    def emulator(self, method, path, body=None):
        """Asks the emulator's control routes."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.control}/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with contextlib.closing(urllib.request.urlopen(request, timeout=10)) as answer:
            text = answer.read()
        return json.loads(text) if text else None
