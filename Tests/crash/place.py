"""Where crash tests happen: an emulator of its own, and lanes, each a project with a store and a daemon.

The emulator and this process live outside the tree that is killed: they are what the rest is checked against.
"""
import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
import uuid

TABLES = {"m0": ["t0"], "m1": ["t1", "t2"], "m2": ["t3"]}
FRESHET = """project: lane
timezone: UTC
store: .freshet/freshet.db
connections:
  powerbi:
    kind: powerbi
    tenant_id: ${env:POWERBI_TENANT_ID}
    client_id: ${env:POWERBI_CLIENT_ID}
    client_secret: ${secret:env/POWERBI_CLIENT_SECRET}
    authority_url: ${env:POWERBI_AUTHORITY_URL}
    api_url: ${env:POWERBI_API_URL}
    requests_per_minute: 100000
    poll_interval: 100ms
    poll_max_interval: 200ms
    reconcile_after: [200ms, 500ms, 900ms]
    missing_grace: 900ms
    cancel_grace: 2s
  warehouse: {kind: sqlite, path: warehouse.db}
defaults:
  powerbi.semantic_model:
    connection: powerbi
    workspace: Bulk
    automation: {on: change, quiet_period: 0s, min_interval: 0s}
    retry: {count: 8, delay: 200ms}
  sql.table: {connection: warehouse, change: [row_count], every: 200ms}
"""
ASSETS = """assets:
  - {key: t0, kind: sql.table, table: t0}
  - {key: t1, kind: sql.table, table: t1}
  - {key: t2, kind: sql.table, table: t2}
  - {key: t3, kind: sql.table, table: t3}
  - {key: m0, kind: powerbi.semantic_model, model: M%d, deps: [t0]}
  - key: m1
    kind: powerbi.semantic_model
    model: M%d
    refresh: {tables: {one: {from: t1}, two: {from: t2}}}
  - {key: gate, kind: branch, deps: [t3], choose: [{if: changed(t3), then: [m2]}]}
  - {key: m2, kind: powerbi.semantic_model, model: M%d, deps: [gate]}
"""


class Late(Exception):
    """Something did not come to pass in time."""


def until(what, holds, limit, pause=0.03):
    """Asks again and again; returns what it answers."""
    end = time.monotonic() + limit
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Late(f"{what}: not within {limit} s")
        time.sleep(pause)


class Emulator:
    def __init__(self, binary, models, duration):
        command = [binary, "emulator", "--models", str(models), "--refresh-duration", str(duration)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.control = ready["control_url"]
        self.environment = {
            "POWERBI_TENANT_ID": ready["tenant_id"], "POWERBI_CLIENT_ID": ready["client_id"],
            "POWERBI_CLIENT_SECRET": ready["client_secret"], "POWERBI_AUTHORITY_URL": ready["authority_url"],
            "POWERBI_API_URL": ready["powerbi_url"],
        }

    def ask(self, route, body=None, method=None):
        request = urllib.request.Request(
            f"{self.control}/{route}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def posts(self, model, since):
        return self.ask(f"ledger?kind=refresh_post&model={model}&since={since}")

    def refreshes(self, model):
        return self.ask(f"models/{model}")["refreshes"]

    def end(self):
        self.process.terminate()
        self.process.wait()


class Daemon:
    def __init__(self, lane, failpoints="", seed=1):
        environment = {"PATH": "/usr/bin:/bin", "HOME": lane.folder, **lane.emulator.environment}
        if failpoints:
            environment["FRESHET_FAILPOINTS"] = failpoints
            environment["FRESHET_FAILPOINTS_SEED"] = str(seed)
        self.log = open(lane.folder + "/daemon.log", "a")
        self.log.write(f"--- up {failpoints}\n")
        self.log.flush()
        command = [lane.binary, "up", "--listen", "off"]
        self.process = subprocess.Popen(command, cwd=lane.folder, env=environment, stdout=self.log, stderr=self.log)

    @property
    def is_alive(self):
        return self.process.poll() is None

    def end(self, number):
        """The exit status; a process that was killed has the negative number of the signal."""
        if self.is_alive:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Late("the daemon does not stop")
        finally:
            self.log.close()


class Lane:
    """One project, and what was done to it."""

    def __init__(self, number, folder, binary, emulator):
        self.number, self.folder, self.binary, self.emulator = number, folder, binary, emulator
        self.models = {f"m{i}": f"M{number * 3 + i}" for i in range(3)}
        self.counts = {table: 1 for tables in TABLES.values() for table in tables}
        self.acknowledged = []
        os.makedirs(folder + "/assets")
        with open(folder + "/freshet.yaml", "w") as file:
            file.write(FRESHET)
        with open(folder + "/assets/all.yaml", "w") as file:
            file.write(ASSETS % tuple(number * 3 + i for i in range(3)))
        with sqlite3.connect(folder + "/warehouse.db") as warehouse:
            for table in self.counts:
                warehouse.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
                warehouse.execute(f"INSERT INTO {table} DEFAULT VALUES")
        warehouse.close()

    @property
    def store(self):
        return self.folder + "/.freshet/freshet.db"

    def change(self, tables):
        with sqlite3.connect(self.folder + "/warehouse.db", timeout=10) as warehouse:
            for table in tables:
                warehouse.execute(f"INSERT INTO {table} DEFAULT VALUES")
                self.counts[table] += 1
        warehouse.close()

    @contextlib.contextmanager
    def moment(self):
        """A function that asks the store, always as it was at one moment; it finds nothing while there is no store."""
        if not os.path.exists(self.store):
            yield lambda sql, *arguments: []
            return
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10, isolation_level=None)

        def ask(sql, *arguments):
            try:
                return connection.execute(sql, arguments).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error) or "unable to open" in str(error):
                    return []
                raise

        try:
            connection.row_factory = sqlite3.Row
            ask("BEGIN")
            yield ask
        finally:
            connection.close()

    def query(self, sql, *arguments):
        with self.moment() as ask:
            return ask(sql, *arguments)

    def is_up(self):
        """Whether a daemon answers; before that, a signal may find no one who heeds it."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.store + ".sock")
            return True
        except OSError:
            return False
        finally:
            connection.close()

    def post(self, route, body):
        """What the daemon's socket answers; None when it breaks off."""
        connection = http.client.HTTPConnection("localhost", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.settimeout(10)
            connection.sock.connect(self.store + ".sock")
            connection.request("POST", "/api/v1/" + route, json.dumps(body), {
                "Content-Type": "application/json", "Freshet-Actor": "user:crash", "Idempotency-Key": str(uuid.uuid4())})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def ask_for_runs(self, key, targets, forced):
        """A manual run; what was acknowledged has to be in the store ever after."""
        body = {"key": key, "kind": "manual", "targets": targets, "forced": forced}
        answer = self.post("triggers", body)
        if answer and answer[0] == 202:
            self.acknowledged.append(key)
        return answer

    def open_ends(self, ask):
        """What still goes on, in words; empty when everything has come to rest."""
        found = []
        for table, count in self.counts.items():
            seen = ask("SELECT version FROM observation WHERE asset = ?", table)
            if not seen or f"row_count={count}" not in (seen[0]["version"] or ""):
                found.append(f"{table} has not been seen with {count} rows")
        for sql, words in [
            ("SELECT id FROM run WHERE ended_at IS NULL", "run goes on"),
            # One that waits because its last run failed has come to rest, too: see settle().
            (
                "SELECT id FROM trigger WHERE disposition IS NULL AND coalesce(delay, '') <> 'failed_recently'",
                "trigger waits",
            ),
            ("SELECT id FROM remote_op WHERE state IN ('prepared', 'ambiguous', 'accepted')", "operation in flight"),
        ]:
            found += [f"{words}: {row['id']}" for row in ask(sql)]
        return found

    def behind(self, ask):
        """The models whose last success did not consume what their tables are now."""
        consumed = {}
        for row in ask(
            "SELECT m.asset, p.input, p.version FROM latest_materialization l"
            " JOIN materialization m ON m.sequence = l.materialization"
            " JOIN provenance p ON p.materialization = m.sequence"
        ):
            consumed.setdefault((row["asset"], row["input"]), set()).add(row["version"])
        now = {row["asset"]: row["version"] for row in ask("SELECT asset, version FROM observation")}
        return [
            model for model, tables in TABLES.items()
            if any(consumed.get((model, table)) != {now.get(table)} for table in tables)
        ]

    def rest(self):
        """What goes on and what is behind, as of one moment: a trigger that becomes a run slips through between two."""
        with self.moment() as ask:
            return self.open_ends(ask), self.behind(ask)

    def settle(self, limit=40):
        """Waits until nothing goes on and everything is up to date; returns how often it had to be nudged.

        A run that failed is not begun again for the same inputs for a quarter of an hour, as it should be; here a
        further change stands for that time.
        """
        nudges = 0
        end = time.monotonic() + limit
        quiet = None
        while True:
            open_ends, stale = self.rest()
            if not open_ends and not stale:
                return nudges
            if open_ends:
                quiet = None
            elif quiet is None:
                quiet = time.monotonic()
            elif time.monotonic() - quiet > 1:
                self.change(sorted({TABLES[model][0] for model in stale}))
                nudges += 1
                quiet = None
            if time.monotonic() > end:
                raise Late("; ".join(open_ends + [f"{model} is stale" for model in stale]))
            time.sleep(0.04)


SIGKILL, SIGTERM = signal.SIGKILL, signal.SIGTERM
