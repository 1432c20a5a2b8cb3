"""What the API is tested against: a real daemon with the repository's own project, an emulator, a warehouse, a bucket."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path
from urllib.parse import urlencode

import botocore.config
import botocore.session

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FRESHET_BINARY", str(ROOT / ".build/debug/freshet"))
NODES = ["fct_sales", "dim_customer", "fct_stock", "dim_product"]
SALES, INVENTORY = "powerbi/retail/sales", "powerbi/retail/inventory"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers}, body

    @property
    def json(self):
        return json.loads(self.body)


class World:
    """Ends its processes, and takes its folder away, at the end of a `with` block."""

    def __init__(self, listen=None, options=()):
        if listen is None:
            # A port of its own for all of its life: a daemon that begins again comes back to it.
            with socket.socket() as place:
                place.bind(("127.0.0.1", 0))
                listen = f"127.0.0.1:{place.getsockname()[1]}"
        self.folder = tempfile.mkdtemp(prefix="freshet-api-")
        self.options = ["--listen", listen, *options]
        for name in ("freshet.yaml", "assets"):
            source, target = ROOT / name, Path(self.folder) / name
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        self.emulator = subprocess.Popen(
            [BINARY, "emulator", "--refresh-duration", "0.5"], stdout=subprocess.PIPE, text=True, cwd=self.folder
        )
        ready = json.loads(self.emulator.stdout.readline())
        self.control = ready["control_url"]
        s3 = ready["s3"]
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": self.folder,
            "FRESHET_ENV": "demo",
            "FRESHET_WEB": str(ROOT / "web"),
            "SWIFT_BACKTRACE": "enable=no",
            "WAREHOUSE_PATH": self.folder + "/warehouse.db",
            "POWERBI_TENANT_ID": ready["tenant_id"],
            "POWERBI_CLIENT_ID": ready["client_id"],
            "POWERBI_CLIENT_SECRET": ready["client_secret"],
            "POWERBI_AUTHORITY_URL": ready["authority_url"],
            "POWERBI_API_URL": ready["powerbi_url"],
            "ARTIFACTS_ENDPOINT": s3["endpoint"],
            "ARTIFACTS_ACCESS_KEY_ID": s3["access_key_id"],
            "ARTIFACTS_SECRET_ACCESS_KEY": s3["secret_access_key"],
        }
        self.secrets = [ready["client_secret"], s3["secret_access_key"]]
        self.bucket = botocore.session.get_session().create_client(
            "s3",
            endpoint_url=s3["endpoint"],
            region_name="eu-central-1",
            aws_access_key_id=s3["access_key_id"],
            aws_secret_access_key=s3["secret_access_key"],
            config=botocore.config.Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )
        self.warehouse = sqlite3.connect(self.folder + "/warehouse.db")
        for table, rows in zip(NODES, (1000, 200, 500, 80)):
            self.warehouse.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, amount INTEGER, updated_at TEXT)")
            self.add(rows, table, "2026-05-03T02:00:00Z")
        self.daemon = self.base = self.token = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.emulator.terminate()
        self.emulator.communicate()
        self.warehouse.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # MARK: The world outside

    def add(self, rows, table, moment):
        self.warehouse.executemany(f"INSERT INTO {table} (amount, updated_at) VALUES (1, ?)", [(moment,)] * rows)
        self.warehouse.commit()

    def land(self, invocation, failed=()):
        """What dbt leaves behind after a run."""
        nodes = {
            f"model.retail.{n}": {
                "resource_type": "model",
                "name": n,
                "package_name": "retail",
                "unique_id": f"model.retail.{n}",
                "schema": "analytics",
                "database": "retail",
                "fqn": ["retail", n],
                "tags": [],
                "config": {"materialized": "table"},
                "depends_on": {"nodes": []},
            }
            for n in NODES
        }
        about = {"dbt_version": "1.10.0", "invocation_id": invocation}
        manifest = {
            "metadata": about
            | {
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
                "project_name": "retail",
                "adapter_type": "sqlite",
            },
            "nodes": nodes,
            "sources": {},
            "exposures": {},
        }
        results = [
            {
                "unique_id": f"model.retail.{n}",
                "status": "error" if n in failed else "success",
                "message": f"Database Error in model {n}: division by zero" if n in failed else "SELECT",
                "execution_time": 1.5,
                "thread_id": "Thread-1",
                "timing": [],
                "adapter_response": {"_message": "OK"},
                "failures": None,
            }
            for n in NODES
        ]
        run = {
            "metadata": about | {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
            "args": {"which": "build"},
            "elapsed_time": 6,
            "results": results,
        }
        for key, document in (("prod/manifest.json", manifest), ("prod/run_results.json", run)):
            self.bucket.put_object(Bucket="dbt-artifacts", Key=key, Body=json.dumps(document).encode())

    # MARK: The daemon

    def start(self):
        self.daemon_started = time.time()
        with open(self.folder + "/daemon.log", "a") as log:
            before = len(self.log()) if log.tell() else 0
            self.daemon = subprocess.Popen(
                [BINARY, "up", *self.options], cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        self.base = self.wait(
            lambda: (re.findall(r"listening on https?://([0-9.:]+)", self.log()[before:]) or [None])[-1],
            "the daemon to listen",
        )
        if self.token is None:
            self.token = self.sign_up("tests")
            self.secrets.append(self.token)

    def freshet(self, *arguments, stdin=None):
        """What the command line prints, in the daemon's folder."""
        done = subprocess.run(
            [BINARY, *arguments], cwd=self.folder, env=self.environment, input=stdin, capture_output=True, text=True
        )
        if done.returncode:
            raise AssertionError(f"freshet {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def sign_up(self, name, role="admin"):
        """A token of its own for a machine."""
        return self.freshet("tokens", "create", name, "--role", role, "--expires", "1h").strip()

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(30)
            self.daemon = None

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None
        Path(self.folder, "daemon.log").write_text("")

    def log(self):
        return Path(self.folder, "daemon.log").read_text()

    def wait(self, holds, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = holds()
            if found:
                return found
            if self.daemon and self.daemon.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"{what}: not within {seconds} s; {self.log()[-2000:]}")

    def settle(self):
        """Waits until both models are up to date."""

        def holds():
            answer = self.get("/api/v1/board")
            return (
                answer.status == 200
                and all(r["state"] == "up_to_date" for r in answer.json["assets"])
                and not answer.json["running"]
            )

        self.wait(holds, "both models up to date")

    # MARK: Asking

    def request(self, method, path, body=None, headers=None, timeout=30, over_socket=False):
        if over_socket:
            connection = http.client.HTTPConnection("freshet", timeout=timeout)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self.folder + "/.freshet/freshet.db.sock")
        else:
            connection = http.client.HTTPConnection(self.base, timeout=timeout)
        headers = dict(headers or {})
        if self.token and not over_socket:
            headers.setdefault("Authorization", "Bearer " + self.token)
        data = body
        if isinstance(body, (dict, list)):
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def get(self, path, query=None, **more):
        return self.request("GET", path + ("?" + urlencode(query) if query else ""), **more)

    def post(self, path, body=None, key=None, headers=None, **more):
        headers = {"Idempotency-Key": key or str(uuid.uuid4())} | (headers or {})
        return self.request("POST", path, {} if body is None else body, headers, **more)

    @contextlib.contextmanager
    def stream(self, headers=None, **query):
        """The events of the stream, one after the other; comments are left out."""
        connection = http.client.HTTPConnection(self.base, timeout=30)
        connection.request("GET", "/api/v1/events/stream?" + urlencode(query), headers={"Authorization": "Bearer " + self.token} | (headers or {}))
        answer = connection.getresponse()

        def events():
            event = {}
            while line := answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name == "" and "event" in event:
                    yield event
                    event = {}
                elif name in ("id", "event", "data"):
                    event[name] = value

        try:
            yield events()
        finally:
            connection.close()

    def fail(self, model, times):
        """The next refreshes of a model fail."""
        error = {"code": "ModelRefresh_ShortMessage_ProcessingError", "message": "the gateway is not reachable"}
        self.fault(model, {"end": "Failed", "error": error}, times)

    def slow(self, model, seconds):
        """The next refresh of a model takes so long."""
        self.fault(model, {"duration": seconds})

    def fault(self, model, action, times=1):
        self.script("refresh_post", model, action, times)

    def script(self, kind, model, action, times=1, skip=0):
        """What the emulator does to the next calls of a kind about a model; -1 for always."""
        self.play("POST", {"match": {"kind": kind, "model": model}, "times": times, "skip": skip, "action": action})

    def forget_faults(self):
        self.play("DELETE")

    def play(self, method, fault=None):
        data = None if fault is None else json.dumps(fault).encode()
        request = urllib.request.Request(
            self.control + "/faults", data, {"Content-Type": "application/json"}, method=method
        )
        urllib.request.urlopen(request).close()
