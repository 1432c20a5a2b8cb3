"""/metrics and traces of a real daemon; docs/monitoring.md, the dashboard and the alert rules name only what is there."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import exposition
import yaml
from collector import Collector
from world import ROOT, SALES, World

DOCS = ROOT / "docs"
NAME = re.compile(r"\b(?:freshet|process)_[a-z_]+\b")


def table():
    """Of docs/monitoring.md: name -> (type, labels)."""
    rows = re.findall(r"^\| `((?:freshet|process)_\w+)` \| (\w+)(?: \*)? \| [^|]+ \| ([^|]+) \|", (DOCS / "monitoring.md").read_text(), re.M)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def base(name, known):
    """The family of a series' name."""
    short = re.sub(r"_(bucket|sum|count)$", "", name)
    return short if known.get(short, ("",))[0] == "histogram" else name


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector(statuses=[503]).__enter__()
        cls.addClassCleanup(cls.collector.__exit__)
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.world.environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": cls.collector.address, "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20canary-of-the-collector",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test"}
        cls.world.land("dbt-1")
        cls.world.start()
        cls.world.settle()
        cls.world.add(10, "fct_sales", "2026-05-04T02:00:00Z")
        cls.world.land("dbt-2")
        cls.world.wait(lambda: len(cls.world.get("/api/v1/runs").json["runs"]) >= 3, "a third run")
        cls.world.settle()
        cls.world.wait(lambda: "freshet_step_duration_seconds_count" in cls.text(), "the phases of a run")
        cls.families = exposition.read(cls.text())

    @classmethod
    def text(cls):
        answer = cls.world.get("/metrics")
        assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4"), answer.headers
        return answer.body.decode()

    def value(self, name, **labels):
        return sum(v for n, l, v in self.families[base(name, table())]["samples"] if n == name and labels.items() <= l.items())

    # MARK: Figures

    def test_the_reader_finds_what_is_wrong(self):
        for text in ("a 1", "# HELP a x\n# TYPE a gauge\na{b=\"x\ny\"} 1\n", "# HELP a x\n# TYPE a counter\na 1\n", "a 1\n", "# HELP a x\n# TYPE a gauge\na 1\na 1\n",
                     '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n'):
            with self.assertRaises(exposition.Malformed, msg=text):
                exposition.read(text)

    def test_each_metric_is_documented_with_its_type_and_labels(self):
        documented = table()
        self.assertGreater(len(documented), 40)
        self.assertEqual(set(self.families) - set(documented), set())
        self.assertEqual(set(documented) - set(self.families), set())
        for name, family in self.families.items():
            kind, labels = documented[name]
            self.assertEqual(family["type"], kind, name)
            for _, found, _ in family["samples"]:
                self.assertEqual(set(found) - {"le"}, labels, name)

    def test_the_figures_say_what_happened(self):
        self.assertGreaterEqual(self.value("freshet_runs_total", state="succeeded"), 3)
        self.assertGreaterEqual(self.value("freshet_runs_total", state="succeeded", trigger="sensor"), 1)
        self.assertGreaterEqual(self.value("freshet_refresh_posts_total", result="accepted"), 3)
        self.assertGreaterEqual(self.value("freshet_triggers_total", source="sensor", disposition="run"), 1)
        self.assertGreater(self.value("freshet_decisions_total", outcome="run"), 0)
        self.assertGreater(self.value("freshet_ticks_total", result="changed"), 0)
        self.assertGreater(self.value("freshet_remote_requests_total", service="powerbi", code_class="2xx"), 5)
        self.assertGreater(self.value("freshet_remote_requests_total", service="s3"), 1)
        self.assertGreater(self.value("freshet_store_commit_duration_seconds_count"), 5)
        self.assertEqual(self.value("freshet_invariant_violations_total"), 0)
        self.assertEqual(self.value("freshet_assets", state="up_to_date"), 2)
        self.assertGreater(self.value("freshet_step_duration_seconds_count", phase="remote"), 0)
        self.assertGreater(self.value("freshet_rate_budget_tokens"), 0)
        self.assertGreater(self.value("freshet_sensor_last_tick_timestamp_seconds"), 1.7e9)
        self.assertGreater(self.value("process_resident_memory_bytes"), 1e6)
        self.assertAlmostEqual(self.value("process_start_time_seconds"), self.world.daemon_started, delta=30)
        self.assertIn(self.value("freshet_asset_late", asset=SALES), (0, 1))

    def test_a_stranger_reads_them_too(self):
        promtool = shutil.which("promtool")
        if promtool:
            found = subprocess.run([promtool, "check", "metrics"], input=self.text(), capture_output=True, text=True)
            self.assertEqual((found.returncode, found.stderr), (0, ""), found.stdout + found.stderr)
        try:
            from prometheus_client.parser import text_string_to_metric_families as parse
        except ImportError:
            return
        # Its names of counters have no _total.
        self.assertEqual({f.name for f in parse(self.text())}, {re.sub("_total$", "", name) for name in self.families})

    # MARK: The dashboard and the rules

    def names(self, expressions):
        return {base(name, table()) for text in expressions for name in NAME.findall(re.sub(r'"[^"]*"', '""', text))}

    def test_the_rules_ask_for_nothing_that_is_not_there(self):
        rules = [r for g in yaml.safe_load((DOCS / "grafana/alerts.yaml").read_text())["groups"] for r in g["rules"]]
        named = self.names(rule["expr"] for rule in rules)
        self.assertGreater(len(named), 10)
        self.assertEqual(named - set(self.families), set())
        listed = set(re.findall(r"^\| `(Freshet\w+)` ", (DOCS / "monitoring.md").read_text(), re.M))
        self.assertEqual({rule["alert"] for rule in rules}, listed)
        for rule in rules:
            self.assertLessEqual({"summary", "description"}, set(rule["annotations"]), rule["alert"])
            self.assertIn(rule["labels"]["severity"], ("info", "warning", "critical"))

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_the_rules_speak_when_they_should_and_not_otherwise(self):
        path = DOCS / "grafana/alerts.yaml"
        checked = subprocess.run(["promtool", "check", "rules", str(path)], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        rules = yaml.safe_load(path.read_text())
        for rule in rules["groups"][0]["rules"]:
            del rule["annotations"]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "alerts.yaml").write_text(yaml.safe_dump(rules))
            Path(folder, "test.yaml").write_text(Path(__file__).with_name("alerts_test.yaml").read_text())
            tested = subprocess.run(["promtool", "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True)
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_the_dashboard_asks_for_nothing_that_is_not_there(self):
        board = json.loads((DOCS / "grafana/freshet-dashboard.json").read_text())
        targets = [t["expr"] for p in board["panels"] for t in p.get("targets", [])]
        named = self.names(targets + [v["definition"] for v in board["templating"]["list"] if "definition" in v])
        self.assertGreater(len(named), 25)
        self.assertEqual(named - set(self.families), set())
        # Each label that a legend or a `by` names is one of a metric of that query.
        for expression in targets:
            known = set().union(*(table()[n][1] for n in self.names([expression]))) | {"le", "job", "group"}
            for labels in re.findall(r"by \(([^)]*)\)", expression):
                self.assertLessEqual({l.strip() for l in labels.split(",")}, known, expression)
        ids = [p["id"] for p in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        places = [tuple(p["gridPos"][k] for k in "xywh") for p in board["panels"]]
        cells = [(x + i, y + j) for x, y, w, h in places for i in range(w) for j in range(h)]
        self.assertEqual(len(cells), len(set(cells)), "panels lie on each other")
        self.assertLess(max(x for x, _ in cells), 24)

    # MARK: Traces

    def test_each_run_is_a_trace_though_the_collector_was_away_at_first(self):
        runs = {run["id"]: run for run in self.world.get("/api/v1/runs").json["runs"]}
        self.world.wait(lambda: {s["traceId"] for s in self.collector.spans} >= {r.replace("-", "") for r in runs}, "a trace for each run")
        path, headers, body = self.collector.requests[0]
        self.assertEqual((path, headers["content-type"]), ("/v1/traces", "application/json"))
        self.assertEqual(headers["authorization"], "Bearer canary-of-the-collector")
        resource = {a["key"]: a["value"]["stringValue"] for a in body["resourceSpans"][0]["resource"]["attributes"]}
        self.assertEqual(resource["service.name"], "freshet")
        self.assertEqual(resource["deployment.environment"], "test")
        for run in runs:
            mine = self.collector.trace(run.replace("-", ""))
            names = {s["name"] for s in mine}
            self.assertIn("run", names)
            self.assertTrue({"attempt 1", "remote"} <= names, names)
            known = {s["spanId"] for s in mine}
            self.assertTrue(all(s.get("parentSpanId", next(iter(known))) in known for s in mine))
        self.assertNotIn("canary-of-the-collector", self.world.log())
        self.assertNotIn("canary-of-the-collector", self.text())

    def test_a_stranger_reads_the_traces_too(self):
        try:
            from google.protobuf import json_format
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
        except ImportError:
            return
        for _, _, body in self.collector.requests:
            # Unknown fields are refused. Ids of base 16 are valid base 64 too, in which protobuf has bytes.
            json_format.ParseDict(body, ExportTraceServiceRequest())


class Callers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.collector = Collector().__enter__()
        cls.addClassCleanup(cls.collector.__exit__)
        cls.world = World().__enter__()
        cls.addClassCleanup(cls.world.__exit__)
        cls.world.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = cls.collector.address
        cls.world.land("dbt-1")
        cls.world.start()
        cls.world.settle()

    def test_a_run_is_a_part_of_the_trace_of_who_asks_for_it_also_after_a_crash(self):
        trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
        body = {"selection": SALES, "forced": True, "reason": "as a part of a trace"}
        self.world.slow("Sales", 3)
        asked = self.world.post("/api/v1/runs", body, headers={"traceparent": f"00-{trace}-{span}-01"})
        self.assertEqual(asked.status, 202, asked.body)
        self.world.wait(lambda: self.world.get("/api/v1/board").json["running"], "the run")
        self.world.kill()
        self.world.start()
        spans = self.world.wait(lambda: self.collector.trace(trace), "the trace")
        (run,) = [s for s in spans if s["name"] == "run"]
        self.assertEqual(run["parentSpanId"], span)
        self.assertTrue({s["parentSpanId"] for s in spans} <= {span} | {s["spanId"] for s in spans})
        trigger = self.world.get("/api/v1/triggers/" + asked.json["trigger"]).json["trigger"]
        self.assertEqual(trigger["traceparent"], f"00-{trace}-{span}-01")

    def test_a_malformed_traceparent_is_as_none(self):
        trace = "4bf92f3577b34da6a3ce929d0e0e4737"
        for value in (f"00-{trace}-0000000000000000-01", f"00-{trace.upper()}-00f067aa0ba902b7-01", "nonsense", f"00-{trace}-00f067aa0ba902b7-01-x"):
            asked = self.world.post("/api/v1/runs?wait=60", {"selection": SALES}, headers={"traceparent": value}, timeout=90)
            self.assertEqual(asked.status, 200, asked.body)
            self.assertIsNone(asked.json["run"]["cause"]["trigger"]["traceparent"], value)
            own = asked.json["run"]["id"].replace("-", "")
            self.world.wait(lambda: self.collector.trace(own), "a trace of its own")
        self.assertEqual(self.collector.trace(trace), [])


if __name__ == "__main__":
    unittest.main()
