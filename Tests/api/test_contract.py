"""Every operation of the contract on a real daemon: each answer is as docs/api/openapi.json says."""

import json
import socket
import unittest
import uuid
from pathlib import Path
from urllib.parse import urlencode

import contract
from world import INVENTORY, SALES, World

SALES_PATH = SALES.replace("/", ":")
TABLE = "warehouse/fct_sales"


class Closed(unittest.TestCase):
    """Who does not sign in does not come in over the port, whatever the path looks like."""

    def test_strangers_come_in_nowhere(self):
        with World() as world:
            world.start()
            world.token = None
            for path in (
                "/api/v1/board",
                "/metrics",
                "/api/v1/nothing",
                "/api/v1/runs/x/healthz",
                "/api/v1/events/stream",
                "/healthz/",
            ):
                answer = world.get(path)
                self.assertEqual(answer.status, 401, path)
                self.assertEqual(
                    contract.mistakes("GET", path, answer) if "nothing" not in path and "healthz" not in path else [],
                    [],
                )
            self.assertEqual(world.post("/api/v1/pauses", {"paused": True}).status, 401)
            self.assertEqual(world.request("POST", "/api/v1/triggers", {}).status, 401)
            self.assertEqual(world.get("/healthz").body, b"ok\n")
            self.assertFalse(world.get("/api/v1/session").json["authenticated"])
            self.assertEqual(world.get("/api/v1/board", over_socket=True).status, 200)


class Taken(unittest.TestCase):
    def test_an_address_that_is_taken_is_named(self):
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            place.listen()
            address = f"127.0.0.1:{place.getsockname()[1]}"
            with World(listen=address) as world:
                with self.assertRaises(AssertionError):
                    world.start()
                self.assertIn(f"cannot listen on {address}: Address already in use", world.log())


class TheContract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.world.land("dbt-1")
        cls.world.start()
        cls.world.settle()
        cls.world.add(10, "fct_sales", "2026-05-04T02:00:00Z")
        cls.world.land("dbt-2")
        cls.world.wait(lambda: len(cls.world.get("/api/v1/runs").json["runs"]) >= 3, "a third run")
        cls.world.settle()

    def ask(self, method, path, query=None, body=None, status=200, **more):
        full = path + ("?" + urlencode(query) if query else "")
        answer = self.world.post(full, body, **more) if method == "POST" else self.world.request(method, full, **more)
        found = contract.mistakes(method, path, answer)
        self.assertEqual(found, [], "\n".join(found))
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def read(self, path, **query):
        return self.ask("GET", path, query).json

    def run_of(self, asset):
        return self.read("/api/v1/runs", asset=asset)["runs"][0]["id"]

    # MARK: Reading

    def test_the_board_shows_every_model(self):
        board = self.read("/api/v1/board")
        self.assertEqual({r["asset"] for r in board["assets"]}, {SALES, INVENTORY})
        self.assertEqual(board["counts"]["assets"], 2)
        self.assertEqual(
            [r["asset"] for r in self.read("/api/v1/board", selection=f'key:"{SALES}"')["assets"]], [SALES]
        )

    def test_assets_are_listed_page_by_page_and_filtered(self):
        first = self.read("/api/v1/assets", limit=4)
        keys = [a["asset"] for a in first["assets"]]
        while first["next"]:
            first = self.read("/api/v1/assets", limit=4, cursor=first["next"])
            keys += [a["asset"] for a in first["assets"]]
        self.assertEqual(len(keys), first["total"])
        self.assertEqual(keys, sorted(set(keys)))
        self.assertEqual(
            {a["asset"] for a in self.read("/api/v1/assets", kind="powerbi.semantic_model")["assets"]},
            {SALES, INVENTORY},
        )
        for sort in ("key", "state", "data_time", "last_changed", "p50_seconds"):
            self.assertEqual(len(self.read("/api/v1/assets", sort=sort)["assets"]), len(keys))

    def test_an_asset_and_all_that_belongs_to_it(self):
        for key in (SALES, TABLE, "gate/sales", "dbt/retail/fct_sales"):
            path = f"/api/v1/assets/{key.replace('/', ':')}"
            self.assertEqual(self.read(path)["asset"]["asset"], key)
            for more in ("timeline", "performance", "versions", "definition", "blame"):
                self.read(f"{path}/{more}")
        timeline = self.read(f"/api/v1/assets/{SALES_PATH}/timeline")
        self.assertEqual(sum(e["entry"] == "materialized" for e in timeline["entries"]), 2)
        self.assertEqual(len(self.read(f"/api/v1/assets/{SALES_PATH}/versions")["versions"]), 2)
        self.assertEqual(self.read(f"/api/v1/assets/{SALES_PATH}/performance", days=7)["performance"]["succeeded"], 2)

    def test_the_timeline_goes_on_where_a_page_ended(self):
        path = f"/api/v1/assets/{SALES_PATH}/timeline"
        whole = [e["sequence"] for e in self.read(path)["entries"]]
        page, found = self.read(path, limit=1), []
        for _ in range(len(whole)):
            found += [e["sequence"] for e in page["entries"]]
            if page["next"]:
                page = self.read(path, limit=1, cursor=page["next"])
        self.assertEqual(found[: len(whole)], whole)

    def test_the_lineage_in_each_of_its_views(self):
        for query in (
            {},
            {"by": "kind"},
            {"by": "workspace", "expand": "*"},
            {"by": "group", "expand": "sales"},
            {"by": "none"},
            {"focus": SALES, "up": 1, "down": 1},
        ):
            layout = self.read("/api/v1/lineage", **query)
            states = self.read("/api/v1/lineage/states", **query)
            self.assertEqual({n["id"] for n in layout["nodes"]}, {s["id"] for s in states["states"]})
        path = self.read("/api/v1/lineage/path", **{"from": "dbt/retail/fct_sales", "to": SALES})
        self.assertEqual(path["shortest"][0], "dbt/retail/fct_sales")
        self.assertEqual(path["shortest"][-1], SALES)

    def test_runs_and_all_that_belongs_to_them(self):
        runs = self.read("/api/v1/runs", limit=2)
        self.assertEqual(len(runs["runs"]), 2)
        more = self.read("/api/v1/runs", limit=2, cursor=runs["next"])
        self.assertFalse({r["id"] for r in runs["runs"]} & {r["id"] for r in more["runs"]})
        for status in ("queued", "running", "succeeded", "failed", "cancelled"):
            self.assertTrue(all(r["status"] == status for r in self.read("/api/v1/runs", status=status)["runs"]))
        for kind in ("sensor", "manual", "event", "backfill"):
            self.read("/api/v1/runs", trigger=kind)
        run = self.run_of(SALES)
        detail = self.read(f"/api/v1/runs/{run}")["run"]
        self.assertTrue(detail["cause"]["trigger"], "the run names no trigger")
        self.assertTrue(detail["steps"][0]["segments"], "the step has no segments")
        for more in ("steps", "sub-steps", "operations", "log"):
            self.read(f"/api/v1/runs/{run}/{more}")
        self.read(f"/api/v1/triggers/{detail['cause']['trigger']['trigger']}")
        operation = detail["operations"][0]["id"]
        self.read(f"/api/v1/operations/{operation}/candidates")

    def test_segments_follow_each_other_without_gaps(self):
        for step in self.read(f"/api/v1/runs/{self.run_of(SALES)}/steps")["steps"]:
            for one, two in zip(step["segments"], step["segments"][1:]):
                self.assertEqual(one["to"], two["from"])

    def test_sensors_ticks_and_schedules(self):
        names = {s["sensor"] for s in self.read("/api/v1/sensors")["sensors"]}
        self.assertIn("dbt/retail", names)
        ticks = self.read("/api/v1/ticks", sensor="dbt/retail", limit=1)
        self.assertEqual(ticks["ticks"][0]["sensor"], "dbt/retail")
        self.read("/api/v1/ticks", sensor="dbt/retail", status="changed", cursor=ticks["next"])
        self.read("/api/v1/schedules", count=3)

    def test_the_rest_that_is_read(self):
        self.assertTrue(self.read("/api/v1/decisions", asset=SALES, limit=1)["decisions"])
        for outcome in ("run", "skip", "hold", "wait"):
            self.assertTrue(
                all(d["outcome"] == outcome for d in self.read("/api/v1/decisions", outcome=outcome)["decisions"])
            )
        self.assertFalse(self.read("/api/v1/config")["differs"])
        self.read("/api/v1/audit", limit=5)
        self.assertEqual(self.read("/api/v1/selections", selection="*")["steps"], 2)
        self.assertTrue(self.read("/api/v1/session")["authenticated"])
        self.assertEqual(self.read("/api/v1/openapi.json"), contract.DOCUMENT)
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.ask("GET", path).body, b"ok\n")
        self.assertIn("freshet_asset_late", self.ask("GET", "/metrics").body.decode())
        self.assertIn(b"<svg", self.ask("GET", f"/badges/{SALES_PATH}.svg").body)

    def test_savings_are_those_that_the_command_line_tells(self):
        for by in ("asset", "team"):
            page = self.read("/api/v1/savings", days=7, by=by)
            self.assertEqual(len(page["days"]), 7)
            told = json.loads(self.world.freshet("savings", "--since", page["from"], "--by", by, "--json"))
            for name in ("from", "by", "sentence", "totals", "days", "rows"):
                self.assertEqual(told[name], page[name], f"{name} by {by}")
            self.assertGreater(page["totals"]["refreshed"], 0)
            for name in ("refreshed", "avoided", "wasted"):
                for part in ("days", "rows"):
                    self.assertEqual(sum(row[name] for row in page[part]), page["totals"][name], f"{name} in {part}")

    def test_a_badge_is_embedded_by_its_link_and_nothing_else_is(self):
        wish = {"name": "wiki", "badge": True, "assets": SALES}
        made = self.ask("POST", "/api/v1/tokens", body=wish, status=201).json
        self.assertEqual(made["links"], [f"http://{self.world.base}/badges/{SALES_PATH}.svg?token={made['token']}"])
        link, elsewhere = {"token": made["token"]}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        shown, self.world.token = self.world.token, None
        try:
            badge = self.ask("GET", f"/badges/{SALES_PATH}.svg", link, headers=elsewhere)
            self.assertIn(b">sales</text>", badge.body)
            self.assertEqual(badge.headers["cross-origin-resource-policy"], "cross-origin")
            others = [(INVENTORY.replace("/", ":"), link), ("no:such", link), (SALES_PATH, {"token": "frb_x"})]
            pictures = {self.ask("GET", f"/badges/{name}.svg", query, status=404).body for name, query in others}
            self.assertEqual(len(pictures), 1, "a link that does not count looks the same everywhere")
            for path in ("/api/v1/board", f"/api/v1/assets/{SALES_PATH}", "/metrics", "/api/v1/tokens"):
                self.ask("GET", path, link, status=401)
                self.ask("GET", path, headers={"Authorization": "Bearer " + made["token"]}, status=401)
            self.ask("GET", f"/badges/{SALES_PATH}.svg", {"token": shown}, status=404)
        finally:
            self.world.token = shown
        self.ask("POST", "/api/v1/tokens/wiki/revoke", status=204)
        self.ask("GET", f"/badges/{SALES_PATH}.svg", link, status=404)
        self.world.secrets.append(made["token"])
        self.assertNotIn(made["token"], self.world.log())
        self.assertNotIn(made["token"], json.dumps(self.read("/api/v1/audit", limit=50)))
        self.assertNotIn(made["token"], self.ask("GET", "/metrics").body.decode())

    def test_a_token_is_bound_to_what_is_there(self):
        wish = {"name": "x", "role": "viewer", "assets": SALES + "s"}
        wrong = self.ask("POST", "/api/v1/tokens", body=wish, status=400)
        self.assertEqual(wrong.json["nearest"], SALES)
        self.assertEqual(wrong.json["type"], "urn:freshet:problem:bad_selection")

    def test_what_a_route_refuses_is_in_the_audit(self):
        bound = self.world.freshet("tokens", "create", "bound", "--role", "operator", "--assets", INVENTORY).strip()
        shown, self.world.token = self.world.token, bound
        try:
            for _ in range(2):
                self.ask("POST", "/api/v1/pauses", body={"asset": SALES, "paused": True}, status=403)
        finally:
            self.world.token = shown
        rows = [row for row in self.read("/api/v1/audit", limit=50)["rows"] if row["actor"] == "token:bound"]
        self.assertEqual([row["action"] for row in rows], ["access.refused"])
        self.assertEqual((rows[0]["target"], rows[0]["outcome"]), ("POST /api/v1/pauses", "denied"))

    def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(self):
        for path in ("/api/v1/runs", "/api/v1/session", "/hooks/none"):
            head = [f"POST {path} HTTP/1.1", f"Host: {self.world.base}", f"Authorization: Bearer {self.world.token}"]
            head += ["Content-Type: application/json", "Content-Length: 99999999999", "", ""]
            with socket.create_connection(self.world.base.split(":"), timeout=10) as connection:
                connection.sendall("\r\n".join(head).encode())
                self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 413 "), path)

    def test_a_person_who_mistypes_an_address_sees_a_page(self):
        accepts = {"Accept": "text/html,application/xhtml+xml"}
        page = self.world.get("/nowhere", headers=accepts)
        self.assertEqual((page.status, page.headers["content-type"]), (404, "text/html; charset=utf-8"))
        self.assertIn(b'src="/main.js"', page.body)
        self.assertIn("script-src 'self'", page.headers["content-security-policy"])
        for path, headers in (("/nowhere", {}), ("/api/v1/nowhere", accepts)):
            answer = self.world.get(path, headers=headers)
            self.assertEqual((answer.status, answer.headers["content-type"]), (404, "application/problem+json"), path)
        shown, self.world.token = self.world.token, None
        try:
            self.assertEqual(self.world.get("/nowhere", headers=accepts).status, 401)
        finally:
            self.world.token = shown

    def test_another_method_is_named_as_what_it_is(self):
        answer = self.world.request("DELETE", "/api/v1/runs")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, POST"))
        self.assertEqual(answer.json["type"], "urn:freshet:problem:method_not_allowed")

    def test_a_plan_says_what_would_be_done(self):
        plan = self.ask("POST", "/api/v1/plans", body={"selection": f'key:"{SALES}"'}).json
        self.assertEqual(plan["counts"]["run"], 0)
        forced = self.ask(
            "POST", "/api/v1/plans", body={"selection": f'key:"{SALES}"', "forced": True, "stored": True}
        ).json
        self.assertEqual(forced["counts"]["run"], 1)
        self.assertNotEqual(plan["plan_hash"], forced["plan_hash"])

    # MARK: What is wrong

    def test_mistakes_are_problems_of_the_list(self):
        for path, status, kind in (
            ("/api/v1/assets/powerbi:retail:sale", 404, "unknown_asset"),
            ("/api/v1/runs/0", 404, "unknown_run"),
            ("/api/v1/board?selection=((", 400, "bad_selection"),
            ("/api/v1/runs?cursor=%21", 400, "bad_cursor"),
            ("/api/v1/runs?limit=0", 400, "bad_request"),
            ("/api/v1/decisions?at=yesterday", 400, "bad_request"),
        ):
            answer = self.world.get(path)
            self.assertEqual((answer.status, answer.json["type"]), (status, "urn:freshet:problem:" + kind), path)
            found = contract.mistakes("GET", path, answer)
            self.assertEqual(found, [])
        self.assertEqual(self.world.get("/api/v1/assets/powerbi:retail:sale").json["nearest"], SALES)

    def test_a_path_is_compared_as_it_was_sent(self):
        for path in (
            "/api/v1/board/",
            "/api//v1/board",
            "/api/v1/%62oard",
            "/api/v1/../v1/board",
            "/api/v1/nothing",
            "/healthz/",
            "/api/v1/runs/x/healthz",
            "/web/main.js",
            "/dev/server.py",
            "/README.md",
        ):
            self.assertEqual(self.world.get(path).status, 404, path)

    # MARK: Conditional requests

    def test_what_is_known_is_not_sent_again(self):
        for path in ("/api/v1/lineage", f"/api/v1/runs/{self.run_of(SALES)}", "/api/v1/config", "/main.js"):
            first = self.world.get(path)
            again = self.world.get(path, headers={"If-None-Match": first.headers["etag"]})
            self.assertEqual((again.status, again.body), (304, b""), path)
            self.assertEqual(self.world.get(path, headers={"If-None-Match": '"other"'}).status, 200)

    # MARK: Effects

    def test_an_effect_is_done_once_however_often_it_is_asked_for(self):
        key, body = str(uuid.uuid4()), {"selection": f'key:"{INVENTORY}"', "forced": True, "reason": "to see it twice"}
        first = self.ask("POST", "/api/v1/runs", body=body, key=key, status=202)
        again = self.ask("POST", "/api/v1/runs", body=body, key=key, status=202)
        self.assertEqual(first.json, again.json)
        self.assertEqual(again.headers["idempotency-replayed"], "true")
        other = self.ask("POST", "/api/v1/runs", body=body | {"reason": "something else"}, key=key, status=422)
        self.assertEqual(other.json["type"], "urn:freshet:problem:idempotency_key_reused")
        done = self.ask("POST", "/api/v1/runs", {"wait": 60}, body=body, key=key)
        self.assertEqual(done.json["run"]["status"], "succeeded")
        self.assertEqual(done.json["run"]["forced"], [INVENTORY])
        rows = self.read("/api/v1/audit", action="runs")["rows"]
        self.assertEqual(sum(r["reason"] == "to see it twice" for r in rows), 1)

    def test_waiting_goes_on_after_the_daemon_was_killed(self):
        key, body = str(uuid.uuid4()), {"selection": f'key:"{SALES}"', "forced": True, "reason": "to be interrupted"}
        asked = self.ask("POST", "/api/v1/runs", body=body, key=key, status=202).json
        self.world.kill()
        self.world.start()
        done = self.ask("POST", "/api/v1/runs", {"wait": 60}, body=body, key=key).json
        trigger = self.read(f"/api/v1/triggers/{asked['trigger']}")["trigger"]
        self.assertEqual(done["run"]["id"], trigger["disposition"]["into"])
        self.assertEqual(done["run"]["status"], "succeeded")
        self.world.settle()

    def test_effects_ask_for_what_they_need(self):
        missing = self.world.request("POST", "/api/v1/runs", {"selection": "*"})
        self.assertEqual((missing.status, missing.json["type"]), (400, "urn:freshet:problem:idempotency_key_missing"))
        reason = self.ask("POST", "/api/v1/runs", body={"selection": "*", "forced": True}, status=422)
        self.assertEqual(reason.json["type"], "urn:freshet:problem:reason_missing")
        kind = self.world.post(
            "/api/v1/runs", b"selection=*", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        self.assertEqual(kind.status, 415)
        self.assertEqual(
            self.world.post(
                "/api/v1/runs", b'"' + b"x" * (1 << 20) + b'"', headers={"Content-Type": "application/json"}
            ).status,
            413,
        )
        moved = self.ask("POST", "/api/v1/runs", body={"selection": f'key:"{SALES}"', "plan_hash": "0"}, status=409)
        self.assertIn("plan", moved.json["detail"])
        self.assertEqual(moved.json["type"], "urn:freshet:problem:plan_changed")

    def test_a_mistyped_member_is_refused_and_pauses_nothing(self):
        answer = self.ask("POST", "/api/v1/pauses", body={"paused": True, "aset": SALES, "reason": "a mistake"}, status=400)
        self.assertEqual((answer.json["nearest"], answer.json["errors"][0]["pointer"]), ("asset", "/aset"))
        self.assertFalse(self.read("/api/v1/board")["paused"])
        self.assertFalse(any(row["state"] == "paused" for row in self.read("/api/v1/board")["assets"]))

    def test_a_scope_that_is_null_pauses_nothing(self):
        for name in ("asset", "sensor", "schedule"):
            body = {"paused": True, name: None, "reason": "a variable that was not set"}
            answer = self.ask("POST", "/api/v1/pauses", body=body, status=400)
            self.assertEqual(answer.json["errors"][0]["pointer"], "/" + name)
        self.assertFalse(self.read("/api/v1/board")["paused"])

    def test_a_retry_names_assets_that_are_there(self):
        run = self.run_of(SALES)
        answer = self.ask("POST", f"/api/v1/runs/{run}/retry", body={"assets": ["powerbi/retail/sale"]}, status=404)
        self.assertEqual(answer.json["nearest"], SALES)

    def test_events_are_told_apart_by_source_and_id_whatever_is_in_them(self):
        for source, id in (("a", "b:c"), ("a:b", "c")):
            answer = self.ask("POST", "/api/v1/events", body={"id": id, "source": source}, status=202)
            self.assertFalse(answer.json["duplicate"], (source, id))
        again = self.ask("POST", "/api/v1/events", body={"id": "c", "source": "a:b"}, status=202)
        self.assertTrue(again.json["duplicate"])

    def test_a_pause_holds_until_it_is_taken_back(self):
        for scope in ({"asset": SALES}, {"sensor": "dbt/retail"}, {}):
            self.ask("POST", "/api/v1/pauses", body={"paused": True, "reason": "a test"} | scope)
            if "asset" in scope:
                self.assertTrue(self.read(f"/api/v1/assets/{SALES_PATH}")["paused"])
            elif "sensor" in scope:
                self.assertTrue(
                    next(s for s in self.read("/api/v1/sensors")["sensors"] if s["sensor"] == "dbt/retail")["paused"]
                )
            else:
                self.assertTrue(self.read("/api/v1/board")["paused"])
            self.ask("POST", "/api/v1/pauses", body={"paused": False} | scope)
        self.assertFalse(self.read("/api/v1/board")["paused"])

    def test_who_waits_learns_why_nothing_ran(self):
        self.ask("POST", "/api/v1/pauses", body={"paused": True, "asset": SALES})
        answer = self.ask("POST", "/api/v1/runs", query={"wait": 60}, body={"selection": SALES}).json
        self.ask("POST", "/api/v1/pauses", body={"paused": False, "asset": SALES})
        self.assertIsNone(answer["run"])
        self.assertEqual(answer["sentence"], f"nothing ran: '{SALES}' is paused; resume it first")
        trigger = self.read(f"/api/v1/triggers/{answer['trigger']}")["trigger"]
        self.assertEqual((trigger["disposition"], trigger["disposition"]["kind"]), (answer["disposition"], "rejected"))

    def test_who_waits_learns_that_nothing_was_to_be_done(self):
        answer = self.ask("POST", "/api/v1/runs", query={"wait": 60}, body={"selection": SALES}).json
        self.assertEqual((answer["disposition"]["kind"], answer["disposition"]["into"]), ("run", answer["run"]["id"]))
        (step,) = [s for s in answer["run"]["steps"] if s["asset"] == SALES]
        self.assertEqual((step["status"], step["sentence"]), ("skipped", "is skipped: gate/sales did not choose it"))
        why = f"and found nothing to do: {SALES} is skipped: gate/sales did not choose it"
        self.assertTrue(answer["sentence"].endswith(why), answer["sentence"])

    def test_what_cannot_be_done_to_a_run_is_a_conflict(self):
        run = self.run_of(SALES)
        self.assertEqual(
            self.ask("POST", f"/api/v1/runs/{run}/cancel", status=409).json["type"], "urn:freshet:problem:already_ended"
        )
        self.assertEqual(
            self.ask("POST", f"/api/v1/runs/{run}/retry", status=409).json["type"],
            "urn:freshet:problem:nothing_to_retry",
        )
        operation = self.read(f"/api/v1/runs/{run}/operations")["operations"][0]["id"]
        self.ask("POST", f"/api/v1/operations/{operation}/reattach", status=409)
        self.ask(
            "POST",
            f"/api/v1/operations/{operation}/resolve",
            body={"outcome": "completed", "reason": "it did"},
            status=409,
        )
        self.ask("POST", "/api/v1/operations/0/resolve", body={"outcome": "completed", "reason": "it did"}, status=404)

    def test_an_event_is_a_reason_to_look_once(self):
        event = {"id": str(uuid.uuid4()), "source": "airflow", "type": "dag.ended", "assets": [TABLE]}
        first = self.ask("POST", "/api/v1/events", body=event, status=202).json
        self.assertEqual((first["duplicate"], first["looks"]), (False, [TABLE]))
        again = self.ask("POST", "/api/v1/events", body=event, status=202).json
        self.assertEqual((again["duplicate"], again["looks"]), (True, []))
        cloud = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/etl", "type": "done", "subject": TABLE}
        answer = self.ask(
            "POST",
            "/api/v1/events",
            body=json.dumps(cloud).encode(),
            status=202,
            headers={"Content-Type": "application/cloudevents+json"},
        )
        self.assertEqual(answer.json["looks"], [TABLE])
        sensor = self.ask(
            "POST",
            "/api/v1/events",
            body={"id": str(uuid.uuid4()), "source": "dbt", "sensor": "dbt/retail"},
            status=202,
        ).json
        self.assertEqual(sensor["looks"], ["dbt/retail"])
        self.ask("POST", "/api/v1/events", body={"id": "1", "source": "x", "assets": ["nothing"]}, status=404)

    def test_a_run_that_fails_says_why_and_can_be_retried(self):
        self.world.fail("Inventory", times=4)
        body = {"selection": f'key:"{INVENTORY}"', "forced": True, "reason": "to fail"}
        failed = self.ask("POST", "/api/v1/runs", {"wait": 90}, body=body).json["run"]
        self.assertEqual((failed["status"], failed["retryable"]), ("failed", [INVENTORY]))
        self.assertEqual(failed["root_cause"]["asset"], INVENTORY)
        self.assertTrue(failed["root_cause"]["failure"]["message"])
        retried = self.ask(
            "POST", f"/api/v1/runs/{failed['id']}/retry", body={"reason": "the cause is gone"}, status=202
        ).json
        trigger = lambda: self.read(f"/api/v1/triggers/{retried['trigger']}")["trigger"]["disposition"]
        run = self.world.wait(trigger, "the retry to begin")["into"]
        self.world.wait(
            lambda: self.read(f"/api/v1/runs/{run}")["run"]["status"] == "succeeded", "the retry to succeed"
        )
        self.world.settle()

    def test_a_run_in_progress_can_be_cancelled(self):
        body = {"selection": f'key:"{SALES}"', "forced": True, "reason": "to be cancelled"}
        asked = self.ask("POST", "/api/v1/runs", body=body, status=202).json
        trigger = lambda: self.read(f"/api/v1/triggers/{asked['trigger']}")["trigger"]["disposition"]
        run = self.world.wait(trigger, "the run to begin")["into"]
        key = str(uuid.uuid4())
        answer = self.world.post(f"/api/v1/runs/{run}/cancel", {"reason": "a test"}, key=key)
        self.assertIn(answer.status, (202, 409))
        self.world.wait(lambda: self.read(f"/api/v1/runs/{run}")["run"]["ended_at"], "the run to end")
        self.assertEqual(
            self.world.post(f"/api/v1/runs/{run}/cancel", {"reason": "a test"}, key=key).status, answer.status
        )

    # MARK: The stream

    def test_the_stream_tells_what_happens_and_resumes_where_it_broke_off(self):
        position = int(self.world.get("/api/v1/board").headers["freshet-sequence"])
        self.ask("POST", "/api/v1/pauses", body={"paused": True})
        self.ask("POST", "/api/v1/pauses", body={"paused": False})
        with self.world.stream(topics="board", after=position) as events:
            first = next(e for e in events if e["event"] == "pause")
            second = next(e for e in events if e["event"] == "pause")
        self.assertEqual([json.loads(e["data"])["word"] for e in (first, second)], ["paused", "resumed"])
        with self.world.stream(headers={"Last-Event-ID": first["id"]}, topics="board") as events:
            self.assertEqual(next(e for e in events if e["event"] == "pause")["id"], second["id"])
        with self.world.stream(topics="board", after=10**9) as events:
            self.assertEqual(next(events)["event"], "resync")
        self.assertEqual(self.world.get("/api/v1/events/stream?topics=weather").status, 400)

    # MARK: The definitions

    def test_changed_files_are_shown_and_loaded_when_somebody_says_so(self):
        path = Path(self.world.folder) / "assets/inventory.yaml"
        before = path.read_text()
        self.addCleanup(path.write_text, before)
        path.write_text(before.replace("Stock on hand by product.", "Stock on hand."))
        config = self.read("/api/v1/config")
        self.assertTrue(config["differs"] and config["valid"])
        self.assertEqual([d["file"] for d in config["diff"]], ["assets/inventory.yaml"])
        self.assertEqual([c["asset"] for c in config["changes"]], [INVENTORY])
        self.ask("POST", "/api/v1/config/reload", body={"reason": "a better word"})
        self.loaded(lambda version: version != config["config_version"])
        self.assertEqual(
            self.read(f"/api/v1/assets/{INVENTORY.replace('/', ':')}")["asset"]["description"], "Stock on hand."
        )
        path.write_text("assets: [{kye: x}]\n")
        self.assertFalse(self.read("/api/v1/config")["valid"])
        self.ask("POST", "/api/v1/config/reload", status=400)
        path.write_text(before)
        self.ask("POST", "/api/v1/config/reload")
        self.loaded(lambda version: version == config["config_version"])

    def loaded(self, is_wanted):
        def holds():
            try:
                return is_wanted(self.world.get("/api/v1/config").json["config_version"])
            except OSError:
                return False

        self.world.wait(holds, "the new definitions")

    # MARK: Secrets

    def test_no_secret_is_in_any_answer(self):
        for method, template, _ in contract.operations():
            if method == "GET" and "{" not in template and "stream" not in template:
                body = self.world.get(template).body.decode()
                for secret in self.world.secrets:
                    self.assertNotIn(secret, body, template)
        for key in (SALES, TABLE):
            body = self.world.get(f"/api/v1/assets/{key.replace('/', ':')}/definition").body.decode()
            for secret in self.world.secrets:
                self.assertNotIn(secret, body)

    def test_a_sensor_can_be_tried_and_reset(self):
        name = TABLE.replace("/", ":")
        tried = self.ask("POST", f"/api/v1/sensors/{name}/test").json
        self.assertEqual(tried["tick"]["status"], "unchanged")
        self.ask("POST", f"/api/v1/sensors/{name}/reset", status=422)
        self.ask("POST", "/api/v1/sensors/dbt:retail/reset", body={"reason": "to read it all again"}, status=202)
        self.ask("POST", "/api/v1/sensors/nothing/test", status=404)


if __name__ == "__main__":
    unittest.main()
