#!/usr/bin/env python3
"""Serves the pages with sample answers, so that they can be looked at without the daemon.

    python3 web/dev/server.py [--port 8700] [--assets 40|2000|5000] [--role viewer|operator|admin]
"""

import argparse
import hashlib
import json
import mimetypes
import queue
import re
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from answers import Answers
from clock import NOW, iso
from sample import World

WEB = Path(__file__).resolve().parent.parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)
PAGES = re.compile(r"^/(|lineage|assets(/.*)?|runs(/[0-9a-f-]+)?|sensors|launch|savings|config|audit|login)$")


class Problem(Exception):
    def __init__(self, status, type, title, detail, **more):
        self.body = {"type": f"urn:freshet:problem:{type}", "title": title, "status": status, "detail": detail} | more
        self.status = status


class Hub:
    """Everything that is listening, and the last events for those who come back."""

    def __init__(self, world):
        self.world, self.lock, self.clients, self.past = world, threading.Lock(), [], []

    def send(self, name, data):
        with self.lock:
            self.world.sequence += 1
            event = (self.world.sequence, name, data)
            self.past = (self.past + [event])[-500:]
            for client in self.clients:
                client.put(event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "dev"

    def log_message(self, *_):
        pass

    # MARK: Sending

    def send(self, status, body=b"", kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def json(self, document, status=200, **headers):
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        if self.command == "GET":
            headers["Freshet_Sequence"] = str(self.position)
            tag = '"' + hashlib.sha256(body).hexdigest()[:20] + '"'
            if self.headers.get("If-None-Match") == tag:
                return self.send(304, ETag=tag, Freshet_Sequence=str(self.position))
            headers["ETag"] = tag
        self.send(status, body, Cache_Control="private, no-cache", **headers)

    def do_GET(self):
        self.handle_one("GET")

    def do_HEAD(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def do_DELETE(self):
        self.handle_one("DELETE")

    def handle_one(self, method):
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query))
        self.position = self.server.world.sequence
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        try:
            if url.path.startswith("/api/"):
                self.body = json.loads(raw) if raw else {}
                return self.api(method, url.path)
            if url.path.startswith("/badges/"):
                key = unquote(url.path[8:].removesuffix(".svg")).replace(":", "/")
                return self.send(200, Answers(self.server.world).badge(key).encode(), "image/svg+xml")
            self.page(url.path)
        except Problem as problem:
            self.send(
                problem.status, json.dumps(problem.body | {"instance": url.path}).encode(), "application/problem+json"
            )
        except KeyError as error:
            self.send(
                400,
                json.dumps(
                    {
                        "type": "urn:freshet:problem:bad_selection",
                        "title": "The selection cannot be read",
                        "status": 400,
                        "detail": f"unknown asset '{error.args[0]}'",
                        "nearest": "powerbi/retail/sales",
                    }
                ).encode(),
                "application/problem+json",
            )

    def page(self, path):
        name = "index.html" if PAGES.match(path) else path.lstrip("/")
        file = (WEB / name).resolve()
        if not file.is_file() or not file.is_relative_to(WEB) or "dev" in file.relative_to(WEB).parts:
            return self.send(404, b"not found", "text/plain")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.send(200, file.read_bytes(), kind, Cache_Control="no-cache")

    # MARK: The API

    def api(self, method, path):
        world, answers, query = self.server.world, Answers(self.server.world), self.query
        parts = [unquote(p) for p in path.removeprefix("/api/v1/").split("/")]
        head, rest = parts[0], parts[1:]
        role = self.server.role if "signed_out" not in (self.headers.get("Cookie") or "") else None
        if path == "/api/v1/session":
            if method == "DELETE":
                return self.send(204, Set_Cookie="signed_out=1; Path=/")
            if method == "POST":
                if self.body.get("password") == "wrong":
                    raise Problem(401, "unauthenticated", "Not signed in", "The user name or the password is wrong.")
                return self.json(answers.session(self.server.role), Set_Cookie="signed_out=; Path=/; Max-Age=0")
            return self.json(answers.session(role))
        if role is None:
            raise Problem(401, "unauthenticated", "Not signed in", "Sign in first.")
        if method == "POST" and path != "/api/v1/plans" and not path.endswith("/test"):
            key = self.headers.get("Idempotency-Key")
            if not key:
                raise Problem(400, "idempotency_key_missing", "An effect needs a key", "Send Idempotency-Key.")
            if role == "viewer":
                raise Problem(403, "forbidden", "Not permitted", "This needs the role operator; you are viewer.")
            if key in world.keys:
                return self.json(world.keys[key][1], world.keys[key][0], Idempotency_Replayed="true")
            status, answer = self.effect(head, rest, world, answers)
            world.keys[key] = (status, answer)
            return self.json(answer, status)
        self.json(self.read(method, head, rest, query, world, answers)) if head != "events" else self.stream()

    def read(self, method, head, rest, query, world, answers):
        def asset():
            key = rest[0].replace(":", "/")
            if key not in world.assets:
                raise Problem(
                    404, "unknown_asset", "No such asset", f"There is no asset '{key}'.", nearest="powerbi/retail/sales"
                )
            return key

        def run():
            found = next((r for r in world.runs if r["id"] == rest[0]), None)
            if not found:
                raise Problem(404, "unknown_run", "No such run", f"There is no run '{rest[0]}'.")
            return found

        match (head, len(rest), rest[1] if len(rest) > 1 else ""):
            case ("board", 0, _):
                return answers.board(query)
            case ("assets", 0, _):
                return answers.assets(query)
            case ("assets", 1, _):
                return answers.asset(asset())
            case ("assets", 2, "timeline"):
                return answers.timeline(asset(), query)
            case ("assets", 2, "performance"):
                return {
                    "schema": "freshet.performance/1",
                    "asset": asset(),
                    "performance": answers.performance(asset(), int(query.get("days", 30))),
                }
            case ("assets", 2, "versions"):
                return answers.versions(asset(), query)
            case ("assets", 2, "definition"):
                return answers.definition(asset())
            case ("assets", 2, "blame"):
                return answers.blame(asset())
            case ("lineage", 0, _):
                return self.cached(("layout", tuple(sorted(query.items()))), lambda: world.layout(query))
            case ("lineage", 1, _) if rest[0] == "states":
                return world.layout_states(query)
            case ("lineage", 1, _) if rest[0] == "path":
                on, shortest = world.path(query["from"], query["to"])
                text = f"{len(on)} assets lie on the way" if on else "nothing leads from one to the other"
                return {
                    "schema": "freshet.path/1",
                    "from": query["from"],
                    "to": query["to"],
                    "assets": on,
                    "shortest": shortest,
                    "sentence": text,
                }
            case ("decisions", 0, _):
                return answers.decisions(query)
            case ("runs", 0, _):
                return answers.runs(query)
            case ("runs", 1, _):
                return answers.run(run())
            case ("runs", 2, "log"):
                return answers.log(run(), query)
            case ("runs", 2, "steps"):
                return {"schema": "freshet.steps/1", "steps": answers.run(run())["run"]["steps"]}
            case ("runs", 2, "operations"):
                return {"schema": "freshet.operations/1", "operations": run()["operations"]}
            case ("runs", 2, "sub-steps"):
                return {"schema": "freshet.sub_steps/1", "sub_steps": run()["sub_steps"], "next": None}
            case ("triggers", 1, _):
                return {
                    "schema": "freshet.trigger/1",
                    "trigger": next(t for t in world.triggers if t["trigger"] == rest[0]),
                }
            case ("operations", 2, "candidates"):
                return answers.candidates(next(o for r in world.runs for o in r["operations"] if o["id"] == rest[0]))
            case ("sensors", 0, _):
                return answers.sensors()
            case ("sensors", 2, "test"):
                name = rest[0].replace(":", "/")
                time.sleep(0.2)
                last = next(t for t in world.ticks if t["sensor"] == name)
                return {
                    "schema": "freshet.sensor_test/1",
                    "sensor": name,
                    "tick": last | {"status": "changed", "message": "row_count=8414110"},
                    "observations": [
                        {
                            "asset": name if name in world.assets else "dbt/retail/fct_sales",
                            "version": "row_count=8414110",
                            "health": "ok",
                            "changed": True,
                            "message": None,
                        }
                    ],
                    "would_trigger": answers.plan("powerbi/retail/campaigns", False)["steps"],
                }
            case ("ticks", 0, _):
                return answers.ticks(query)
            case ("schedules", 0, _):
                return answers.schedules(query)
            case ("plans", 0, _) if method == "POST":
                time.sleep(0.15)
                return answers.plan(self.body["selection"], self.body.get("forced", False))
            case ("selections", 0, _):
                keys = world.select(query["selection"])
                return {
                    "schema": "freshet.selection/1",
                    "selection": query["selection"],
                    "assets": keys,
                    "total": len(keys),
                    "steps": sum(1 for k in keys if k in world.status),
                }
            case ("savings", 0, _):
                return answers.savings(query)
            case ("config", 0, _):
                return answers.config()
            case ("audit", 0, _):
                return answers.audit(query)
            case ("openapi.json", 0, _):
                return json.loads((WEB.parent / "docs/api/openapi.json").read_text())
        raise Problem(404, "not_found", "Not found", "There is nothing here.")

    def cached(self, key, make):
        cache = self.server.cache
        if key not in cache:
            cache[key] = make()
        return cache[key]

    def effect(self, head, rest, world, answers):
        hub, body = self.server.hub, self.body
        if head == "runs" and not rest:
            keys = [
                s["asset"]
                for s in answers.plan(body["selection"], body.get("forced", False))["steps"]
                if s["outcome"] == "run"
            ]
            if not keys:
                return 200, {"schema": "freshet.run/1", "run": None}
            return 202, {"trigger": "0", "run": self.begin(keys, "manual")}
        if head == "runs" and rest[1:] == ["retry"]:
            old = next(r for r in world.runs if r["id"] == rest[0])
            if not old["retryable"]:
                raise Problem(409, "nothing_to_retry", "Nothing to retry", "Every step of this run succeeded.")
            return 202, {"trigger": "0", "run": self.begin(body.get("assets") or old["retryable"], "retry", rest[0])}
        if head == "runs" and rest[1:] == ["cancel"]:
            run = next(r for r in world.runs if r["id"] == rest[0])
            if run["status"] != "running":
                raise Problem(409, "already_ended", "It has ended", "This run has ended already.")
            run["cancel_requested_by"] = "user:ana"
            self.server.after(1.0, lambda: self.server.end(run, "cancelled"))
            hub.send("run", answers.run_row(run))
            return 202, {"trigger": None, "run": rest[0]}
        if head == "operations":
            operation = next(o for r in world.runs for o in r["operations"] if o["id"] == rest[0])
            if rest[1] == "resolve":
                if operation["state"] != "unresolved":
                    raise Problem(409, "not_unresolved", "Not unresolved", "It is known what became of it.")
                operation["state"] = {
                    "adopt": "completed",
                    "completed": "completed",
                    "not_found": "not_found",
                    "failed": "failed",
                }[body["outcome"]]
                operation["events"].append(
                    {
                        "at": iso(NOW),
                        "name": "resolved",
                        "evidence": {"by": "user:ana", "outcome": body["outcome"], "reason": body["reason"]},
                    }
                )
            hub.send(
                "operation",
                {
                    "id": operation["id"],
                    "run": operation["run"],
                    "asset": operation["asset"],
                    "state": operation["state"],
                },
            )
            return 202, {"trigger": None, "run": operation["run"]}
        if head == "pauses":
            asset = body.get("asset")
            if asset and asset in world.status:
                row = world.status[asset]
                if body["paused"]:
                    row["_was"] = row["state"], row["sentence"]
                    row["state"], row["sentence"] = "paused", "is paused: " + row["sentence"].split(": ", 1)[-1]
                else:
                    row["state"], row["sentence"] = row.pop(
                        "_was", ("up_to_date", row["sentence"].replace("is paused", "is up to date"))
                    )
            elif body.get("sensor") or body.get("schedule"):
                word = "sensor" if body.get("sensor") else "schedule"
                world.states[f"{word}:{body[word]}"] = body["paused"]
            else:
                world.paused = body["paused"]
            hub.send("pause", {"asset": asset, "paused": body["paused"]})
            return 200, {
                "schema": "freshet.pause/1",
                "asset": asset,
                "sensor": body.get("sensor"),
                "schedule": body.get("schedule"),
                "paused": body["paused"],
            }
        if head == "config":
            return 200, answers.config()
        if head in ("sensors", "events"):
            return 202, {"trigger": None, "run": None}
        raise Problem(404, "not_found", "Not found", "There is nothing here.")

    def begin(self, keys, trigger, parent=None):
        """A new run that ends by itself after a few seconds."""
        world, hub = self.server.world, self.server.hub
        run = world._run(NOW - timedelta(seconds=2), keys, "manual", "user:ana", end="running")
        found = next(r for r in world.runs if r["id"] == run)
        found |= {
            "trigger": trigger,
            "actor": "user:ana",
            "parent": parent,
            "retryable": [],
            "forced": [] if trigger == "retry" else found["forced"],
        }
        for step in found["steps"]:
            step |= {
                "status": "running",
                "ended_at": None,
                "failure": None,
                "segments": step["segments"][:2]
                + [step["segments"][-1] | {"phase": "remote", "from": step["segments"][1]["to"], "to": None}],
            }
        found["operations"] = [o | {"state": "accepted", "events": o["events"][:2]} for o in found["operations"]]
        world.runs.remove(found)
        world.runs.insert(0, found)
        for key in keys:
            world.status[key] |= {"state": "refreshing", "sentence": "is being refreshed", "run": run}
        hub.send("run", Answers(world).run_row(found))
        self.server.after(self.server.pace, lambda: self.server.end(found, "succeeded"))
        return run

    def stream(self):
        mine, hub = queue.Queue(), self.server.hub
        last = int(self.headers.get("Last-Event-ID") or self.query.get("after") or 0)
        with hub.lock:
            missed = [e for e in hub.past if e[0] > last] if last else []
            hub.clients.append(mine)
        self.send_response(200)
        for name, value in (
            ("Content-Type", "text/event-stream"),
            ("Cache-Control", "no-store"),
            ("X-Accel-Buffering", "no"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(b"retry: 1000\n\n")
            for event in missed:
                mine.put(event)
            while True:
                try:
                    number, name, data = mine.get(timeout=15)
                    self.wfile.write(f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode())
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
                self.wfile.flush()
        except OSError:
            pass
        finally:
            with hub.lock:
                hub.clients.remove(mine)
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, assets=40, role="admin", pace=3.0):
        super().__init__(("127.0.0.1", port), Handler)
        self.world, self.role, self.pace, self.cache = World(assets), role, pace, {}
        self.hub = Hub(self.world)

    def end(self, run, status):
        world, hub = self.world, self.hub
        run |= {"status": status, "ended_at": iso(NOW), "duration_seconds": 40.0}
        for step in run["steps"]:
            if step["status"] in ("running", "queued"):
                step |= {
                    "status": status,
                    "ended_at": iso(NOW),
                    "segments": [s | {"to": s["to"] or iso(NOW)} for s in step["segments"]],
                }
            world.status[step["asset"]] |= {
                "state": "up_to_date",
                "outcome": "skip",
                "reason": "up_to_date",
                "sentence": "is up to date: nothing changed in its inputs",
                "risk": None,
            }
            if status == "succeeded" and world.status[step["asset"]]["freshness"]:
                world.status[step["asset"]] |= {
                    "freshness": {"state": "fresh", "until": iso(NOW + timedelta(hours=4))},
                    "data_time": iso(NOW),
                    "last_materialized": iso(NOW),
                }
        hub.send("run", Answers(world).run_row(run))

    def finish(self):
        """Ends with success what somebody has begun, for tests that do not want to wait."""
        for run in [r for r in self.world.runs if r["actor"] == "user:ana" and r["status"] == "running"]:
            self.end(run, "succeeded")

    def after(self, seconds, work):
        timer = threading.Timer(seconds, work)
        timer.daemon = True
        timer.start()


def start(assets=40, role="admin", pace=3.0):
    """A server on a free port, for tests; gives it and its address."""
    server = Server(0, assets, role, pace)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8700)
    options.add_argument("--assets", type=int, default=40)
    options.add_argument("--role", default="admin", choices=["viewer", "operator", "admin"])
    chosen = options.parse_args()
    server = Server(chosen.port, chosen.assets, chosen.role)
    print(f"http://127.0.0.1:{chosen.port}/  ({len(server.world.assets)} assets)", flush=True)
    server.serve_forever()
