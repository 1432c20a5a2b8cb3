"""What happened before: runs with their stretches, ticks, logs, the audit."""

from datetime import timedelta

from clock import BERLIN, NOW, ago, fingerprint, iso, local


class History:
    """The part of the world that is remembered."""

    def _small_history(self):
        for i, key in enumerate(self.chosen):
            self._run(ago(minutes=9 + 7 * i), [key], "sensor", "engine", end="failed" if i % 6 == 0 else "succeeded")
        self._settle()

    def _history(self):
        chance = self.random
        models = [k for k in self.status if k != "powerbi/retail/products_flow"]
        for key in models:
            step = {"powerbi/retail/customers": 8, "powerbi/finance/budget": 72}.get(key, chance.choice([3, 4, 6]))
            hours = step * 0.6 + 7 + chance.random() * 3
            if key == "powerbi/people/headcount":
                hours = 50
            while hours < 24 * 14:
                fails = key == "powerbi/retail/margin" and chance.random() < 0.1 or chance.random() < 0.025
                self._run(
                    ago(hours=hours),
                    [key],
                    chance.choices(["sensor", "manual", "max_skip"], [14, 1, 1])[0],
                    "engine",
                    end="failed" if fails else "succeeded",
                    retried=not fails and chance.random() < 0.06,
                )
                hours += step * (0.7 + chance.random() * 0.8)
        self._run(
            local(21, 12, -1) - timedelta(seconds=420),
            ["powerbi/retail/sales", "powerbi/retail/customers"],
            "sensor",
            "engine",
        )
        self._run(local(4, 12), ["powerbi/finance/ledger"], "sensor", "engine")
        self._run(local(6, 3), ["powerbi/retail/products_flow", "powerbi/retail/inventory"], "sensor", "engine")
        self._run(local(6, 1), ["powerbi/retail/margin"], "sensor", "engine", end="failed", story="margin")
        self._run(local(6, 55), ["powerbi/finance/ledger"], "sensor", "engine", end="running", story="ledger")
        self._run(local(7, 3), ["powerbi/logistics/tours"], "sensor", "engine", end="failed", story="tours")
        self._run(local(7, 16), ["powerbi/retail/forecast"], "sensor", "engine", end="running", story="parked")
        self._settle()
        self._ticks()

    def _settle(self):
        self.runs.sort(key=lambda r: r["created_at"], reverse=True)
        for key, row in self.status.items():
            mine = [
                (r, s)
                for r in self.runs
                for s in r["steps"]
                if s["asset"] == key and s["ended_at"] and s["status"] in ("succeeded", "failed")
            ]
            row["recent"] = [
                {"run": r["id"], "status": s["status"], "at": s["ended_at"], "duration_seconds": s["took"]}
                for r, s in mine[:14]
            ][::-1]
            latest = next((r for r in self.runs if key in r["assets"]), None)
            if latest and row["state"] in ("failed", "refreshing", "parked"):
                row["run"] = row["advice"]["run"] = latest["id"]
                unresolved = next((o for o in latest["operations"] if o["state"] == "unresolved"), None)
                row["advice"]["operation"] = unresolved and unresolved["id"]
        now = ago(seconds=35)
        if "powerbi/retail/campaigns" in self.status:
            self.triggers.append(
                {
                    "trigger": self._id(now),
                    "kind": "sensor",
                    "actor": "engine",
                    "assets": ["powerbi/retail/campaigns"],
                    "forced": False,
                    "due_at": iso(ago(seconds=-40)),
                    "created_at": iso(now),
                    "delay": "quiet_period",
                    "traceparent": None,
                    "sentence": "waits until nothing has moved for 2 min",
                    "disposition": None,
                }
            )

    def _run(self, at, keys, trigger, actor, end="succeeded", retried=False, story=None):
        chance = self.random
        run = self._id(at)
        steps, operations, lines, subs, checks = [], [], [], [], []
        began = at
        for index, key in enumerate(keys):
            p50 = self.status[key]["p50_seconds"]
            took = p50 * (0.75 + chance.random() * 0.5)
            if chance.random() < 0.02:
                took *= 2.4
            moved = next((a for a, _ in self.inputs(key)), None)
            part = next((p for a, p in self.inputs(key) if a == moved and p), None)
            status = end if index == len(keys) - 1 else "succeeded"
            failure, segments, attempt, moment = None, [], 1, began
            queued = chance.choice([0.4, 0.6, 1.2, 4, 19]) if not story else 6

            def stretch(phase, seconds, number, message=None):
                nonlocal moment
                until = moment + timedelta(seconds=seconds)
                segments.append(
                    {"phase": phase, "attempt": number, "from": iso(moment), "to": iso(until), "message": message}
                )
                moment = until

            def operation(number, state, start, finish, code=None, words=None):
                request = self._id(start)
                objects = ([f"{part}/Current"] if part == "fct_sales" else [part]) if part else []
                events = [
                    {"at": iso(start), "name": "prepared", "evidence": {"objects": len(objects), "known_ids": 60}}
                ]
                if state == "unresolved":
                    events += [
                        {
                            "at": iso(start + timedelta(seconds=30)),
                            "name": "unanswered",
                            "evidence": {"error": "timed out after 30 s", "bytes_sent": 412},
                        },
                        {
                            "at": iso(start + timedelta(seconds=95)),
                            "name": "reconciled",
                            "evidence": {"history": 60, "candidates": 2, "verdict": "ambiguous"},
                        },
                        {
                            "at": iso(start + timedelta(seconds=300)),
                            "name": "unresolved",
                            "evidence": {"verdict": "two refreshes began within the window"},
                        },
                    ]
                    request = None
                else:
                    events.append(
                        {
                            "at": iso(start + timedelta(seconds=1)),
                            "name": "answered",
                            "evidence": {"status": 202, "request_id": request},
                        }
                    )
                    polls = 3
                    for i in range(polls):
                        events.append(
                            {
                                "at": iso(start + (finish - start) * (i + 1) / (polls + 1)),
                                "name": "polled",
                                "evidence": {"status": 202, "extended_status": "InProgress"},
                            }
                        )
                    if state != "accepted":
                        events.append(
                            {
                                "at": iso(finish),
                                "name": "ended",
                                "evidence": {
                                    "status": 200,
                                    "extended_status": {"completed": "Completed", "failed": "Failed"}[state],
                                }
                                | ({"code": code, "message": words} if words else {}),
                            }
                        )
                operations.append(
                    {
                        "id": fingerprint(run, key, number),
                        "run": run,
                        "asset": key,
                        "attempt": number,
                        "target": f"powerbi://Retail/{key.rsplit('/', 1)[1].capitalize()}",
                        "state": state,
                        "request_id": request,
                        "adopted": False,
                        "prepared_at": iso(start),
                        "objects": objects,
                        "url": "https://app.powerbi.com/groups/7c0e/datasets/41aa/details",
                        "events": events,
                    }
                )

            words = "Column 'unit_cost' in table 'fct_margin' contains blank values"
            stretch("queued", queued, 1)
            stretch("preflight", 2 + chance.random() * 3, 1, "credentials, capacity, refreshes by others")
            if story == "margin":
                for number in (1, 2, 3):
                    stretch("posting", 1.4, number)
                    start = moment
                    stretch("remote", 118 + 22 * number, number)
                    operation(number, "failed", start, moment, "ModelRefresh_ShortMessage_ProcessingError", words)
                    if number < 3:
                        stretch("retry_wait", 900, number, "tries again after 15 min")
                attempt, failure = 3, {"code": "remote_failed", "retry": "later", "message": words}
            elif story == "ledger":
                stretch("posting", 1.2, 1)
                start = moment
                stretch("remote", 1264, 1)
                operation(
                    1,
                    "failed",
                    start,
                    moment,
                    "Capacity_Eviction",
                    "The operation was evicted because the capacity needed memory",
                )
                stretch("retry_wait", 900, 1, "tries again after 15 min")
                attempt = 2
                stretch("preflight", 4, 2)
                stretch("posting", 1.1, 2)
                start = moment
                segments.append({"phase": "remote", "attempt": 2, "from": iso(moment), "to": None, "message": None})
                operation(2, "accepted", start, NOW)
                failure = {
                    "code": "remote_failed",
                    "retry": "later",
                    "message": "The operation was evicted because the capacity needed memory",
                }
                for i, (name, share) in enumerate(
                    [
                        ("gl/2023", 1),
                        ("gl/2024", 1),
                        ("gl/2025", 1),
                        ("gl/2026-Q1", 0.6),
                        ("gl/2026-04", 0),
                        ("gl/2026-05", 0),
                        ("cost_centre", 1),
                    ]
                ):
                    done = share == 1
                    subs.append(
                        {
                            "asset": key,
                            "attempt": 2,
                            "name": name,
                            "status": "succeeded" if done else "running" if share else "running",
                            "started_at": iso(start + timedelta(seconds=20 * i)) if share else iso(start),
                            "ended_at": iso(start + timedelta(seconds=80 + 50 * i)) if done else None,
                            "message": f"{chance.randrange(200, 9000)} thousand rows" if done else None,
                            "details": {},
                        }
                    )
            elif story == "tours":
                stretch("posting", 30, 1, "no answer")
                stretch("reconciling", 270, 1, "reading the history")
                operation(1, "unresolved", moment - timedelta(seconds=300), moment)
                failure = {
                    "code": "unresolved_post",
                    "retry": "never",
                    "message": "no answer to the POST, and the history does not show it",
                }
            elif story == "parked":
                segments.append(
                    {
                        "phase": "parked",
                        "attempt": 1,
                        "from": iso(moment),
                        "to": None,
                        "message": "throttled by Power BI until 07:52",
                    }
                )
            else:
                number = 1
                if retried:
                    stretch("posting", 1, 1)
                    start = moment
                    stretch("remote", took * 0.4, 1)
                    operation(
                        1,
                        "failed",
                        start,
                        moment,
                        "Capacity_Eviction",
                        "The operation was evicted because the capacity needed memory",
                    )
                    stretch("retry_wait", 300, 1, "tries again after 5 min")
                    number = attempt = 2
                    failure = {
                        "code": "remote_failed",
                        "retry": "later",
                        "message": "The operation was evicted because the capacity needed memory",
                    }
                stretch("posting", 0.8 + chance.random(), number)
                start = moment
                stretch("remote", took, number)
                bad = status == "failed"
                if bad:
                    failure = {
                        "code": "remote_failed",
                        "retry": "later",
                        "message": (
                            "The credentials provided for the SQL source are invalid"
                            if chance.random() < 0.3
                            else "The operation was evicted because the capacity needed memory"
                        ),
                    }
                operation(
                    number,
                    "failed" if bad else "completed",
                    start,
                    moment,
                    "ModelRefresh_Failed",
                    failure["message"] if bad else None,
                )
                if not bad and chance.random() < 0.5:
                    stretch("verifying", 3, number)
                    checks.append(
                        {
                            "asset": key,
                            "name": f"row_count/{part or 'all'}",
                            "severity": "error",
                            "passed": True,
                            "message": "8 412 903 rows, as in the source",
                            "details": {},
                            "at": iso(moment),
                        }
                    )
            running = status == "running"
            word = (
                "succeeded"
                if status == "succeeded"
                else "failed" if status == "failed" else "queued" if story == "parked" else "running"
            )
            text = (
                f"{moved} changed"
                if trigger == "sensor"
                else {"manual": "it was forced", "max_skip": "max_skip has passed since the last success"}[trigger]
            )
            cause = {"sensor": "input_changed", "manual": "forced", "max_skip": "max_skip_passed"}[trigger]
            seconds = (moment - began).total_seconds() - queued
            steps.append(
                {
                    "asset": key,
                    "kind": self.assets[key]["kind"],
                    "status": word,
                    "attempt": attempt,
                    "causes": [
                        {"cause": cause, "text": text}
                        | ({"input": moved, "part": part} if cause == "input_changed" else {})
                    ],
                    "skip_reason": None,
                    "sentence": f"runs because {text}",
                    "started_at": iso(began + timedelta(seconds=queued)) if story != "parked" else None,
                    "ended_at": None if running else iso(moment),
                    "deadline": iso(began + timedelta(hours=2)),
                    "retry_at": None,
                    "failure": failure if word != "succeeded" or retried else None,
                    "details": {"rows": chance.randrange(10_000, 900_000)} if word == "succeeded" else {},
                    "segments": segments,
                    "depends_on": [k for k in keys if k in self.deps[key]],
                    "critical": index == len(keys) - 1 or any(key in self.deps[k] for k in keys),
                    "estimated_seconds": p50,
                    "log_lines": 0,
                    "took": round(max(seconds, 1), 1),
                    "queued": queued,
                }
            )
            for segment in segments:
                lines += self._lines(key, segment, failure, words if story == "margin" else None)
            if any(key in self.deps[k] for k in keys[index + 1 :]):
                began = moment
            last = moment
        if len(keys) == 2 and keys[1] == "powerbi/retail/customers":
            steps[1] |= {
                "status": "skipped",
                "skip_reason": "up_to_date",
                "sentence": "is skipped: nothing changed in its 1 input",
                "segments": [],
                "causes": [],
                "started_at": None,
                "ended_at": iso(last),
                "failure": None,
                "attempt": 0,
            }
        numbers = {}
        for line in lines:
            numbers[line["asset"]] = line["number"] = numbers.get(line["asset"], 0) + 1
        for step in steps:
            step["log_lines"] = numbers.get(step["asset"], 0)
        status = {"succeeded": "succeeded", "failed": "failed", "running": "running"}[end]
        counts = {}
        for step in steps:
            counts[step["status"]] = counts.get(step["status"], 0) + 1
        cause = steps[0]["causes"][0]["text"]
        tail = {"succeeded": "", "running": ""}.get(
            status, f"; {steps[-1]['asset']} failed: {(steps[-1]['failure'] or {}).get('message', '')}"
        )
        bad = next((s for s in steps if s["status"] == "failed"), None)
        advice = None
        if bad:
            known = self.status[bad["asset"]]["advice"]
            advice = (
                known | {"run": run}
                if story
                else {"code": "retry", "text": "Retry the run", "asset": None, "run": run, "operation": None}
            )
        self.runs.append(
            {
                "id": run,
                "status": status,
                "trigger": trigger,
                "actor": actor if trigger != "manual" else "user:ana",
                "assets": keys,
                "forced": keys if trigger == "manual" else [],
                "created_at": iso(at),
                "ended_at": None if status == "running" else iso(last),
                "cancel_requested_by": None,
                "sentence": f"because {cause}{tail}",
                "duration_seconds": None if status == "running" else round((last - at).total_seconds(), 1),
                "estimated_seconds": sum(self.status[k]["p50_seconds"] for k in keys),
                "steps_by_status": counts,
                "parent": None,
                "steps": steps,
                "operations": operations,
                "checks": checks,
                "sub_steps": subs,
                "cause": {
                    "sentence": f"because {cause}",
                    "sensor": (
                        (steps[0]["causes"][0] if steps[0]["causes"] else {}).get("input")
                        if trigger == "sensor"
                        else None
                    ),
                    "tick": self.sequence - 40 if trigger == "sensor" else None,
                    "trigger": {
                        "trigger": fingerprint(run),
                        "kind": trigger,
                        "actor": actor,
                        "assets": keys,
                        "forced": trigger == "manual",
                        "due_at": iso(at),
                        "created_at": iso(at - timedelta(seconds=120)),
                        "delay": None,
                        "traceparent": None,
                        "sentence": f"because {cause}",
                        "disposition": {"kind": "run", "reason": "input_changed", "into": run, "at": iso(at)},
                    },
                },
                "root_cause": bad
                and {
                    "asset": bad["asset"],
                    "sentence": f"failed: {bad['failure']['message']}",
                    "failure": bad["failure"],
                    "advice": advice,
                },
                "config_version": "3f9c1ad",
                "graph_hash": self.graph_hash,
                "retryable": [s["asset"] for s in steps if s["status"] in ("failed", "cancelled")],
            }
        )
        self.logs[run] = lines
        return run

    def _lines(self, key, segment, failure, words):
        at, number, name = segment["from"], segment["attempt"], key.rsplit("/", 1)[1].capitalize()
        texts = {
            "queued": [("debug", "ready; waits for a slot of powerbi/capacity-a")],
            "preflight": [
                ("info", f"pre-flight: workspace Retail, model {name}, capacity A active"),
                ("debug", "history: 60 refreshes, none by others is running"),
            ],
            "posting": [("info", f"POST …/datasets/{name}/refreshes, transactional")],
            "remote": [
                ("info", "accepted; follows the refresh by its id"),
                ("debug", "extendedStatus InProgress"),
                ("debug", "extendedStatus InProgress"),
            ],
            "retry_wait": [
                ("error", words or (failure or {}).get("message", "")),
                ("warning", f"attempt {number} failed; {segment['message']}"),
            ],
            "parked": [
                ("warning", "429 Too Many Requests, Retry-After 2160"),
                ("info", "parked; takes no slot until 07:52"),
            ],
            "reconciling": [
                ("warning", "no answer within 30 s; the request may have arrived"),
                ("info", "reads the history before anything is sent again"),
                ("error", "two refreshes may be ours; a person decides"),
            ],
            "verifying": [("info", "counts rows: 8 412 903, as in the source")],
        }[segment["phase"]]
        return [
            {"number": 0, "asset": key, "attempt": number, "at": at, "level": level, "message": text}
            for level, text in texts
        ]

    def _ticks(self):
        chance = self.random
        for sensor in self.sensor_names():
            moment, sequence = NOW - timedelta(seconds=chance.randrange(2, 25)), self.sequence - chance.randrange(1, 9)
            while moment > ago(hours=26):
                looks = chance.choice([1, 3, 12, 40, 77])
                span = timedelta(seconds=30 * looks)
                status = chance.choices(["unchanged", "changed", "failed"], [10, 5, 0.15])[0]
                if status == "failed" and moment > ago(hours=6):
                    status = "unchanged"
                if sensor == "warehouse/footfall" and moment > ago(hours=3):
                    status = "failed"
                moved = {"dbt/retail": f"invocation {fingerprint(moment)[:8]}: {chance.randrange(2, 11)} nodes"}.get(
                    sensor, f"row_count={chance.randrange(10_000, 9_000_000)}"
                )
                if sensor == "dbt/retail" and not any(t["sensor"] == sensor for t in self.ticks):
                    self.ticks.append(
                        {
                            "sequence": sequence,
                            "sensor": sensor,
                            "status": "changed",
                            "message": "invocation 6d2f01ab: 10 nodes built, fct_sales failed",
                            "started_at": iso(local(5, 58)),
                            "ended_at": iso(local(5, 58)),
                            "count": 1,
                        }
                    )
                text = {"unchanged": "nothing new", "failed": "connection timed out after 30 s", "changed": moved}[
                    status
                ]
                self.ticks.append(
                    {
                        "sequence": sequence,
                        "sensor": sensor,
                        "status": status,
                        "message": text,
                        "started_at": iso(moment - (span if status != "changed" else timedelta(seconds=1))),
                        "ended_at": iso(moment),
                        "count": looks if status != "changed" else 1,
                    }
                )
                moment -= span + timedelta(seconds=30)
                sequence -= chance.randrange(3, 40)
        self.ticks.sort(key=lambda t: t["ended_at"], reverse=True)

    def sensor_names(self):
        names = ["dbt/retail"] + [k for k, a in self.assets.items() if a["kind"] in ("sql.table", "s3.object")]
        return names[:60]

    def _audit(self):
        rows = [
            ("user:ana", "oidc", "10.2.0.31", "session.login", "user:ana", "allowed", None, 6),
            ("user:ben", "password", "10.2.0.77", "session.login", "user:ben", "denied", "wrong password", 25),
            ("user:ben", "password", "10.2.0.77", "session.login", "user:ben", "allowed", None, 26),
            (
                "user:ana",
                "oidc",
                "10.2.0.31",
                "pauses.set",
                "powerbi/people/headcount",
                "allowed",
                "payroll is being corrected",
                48 * 60,
            ),
            ("token:airflow", "token", "10.2.4.9", "runs.create", "powerbi/retail/sales", "allowed", None, 64 * 60),
            (
                "user:cleo",
                "oidc",
                "10.2.0.12",
                "runs.create",
                "powerbi/finance/ledger",
                "denied",
                "role viewer",
                70 * 60,
            ),
            ("engine", "engine", None, "config.load", "3f9c1ad", "allowed", None, 71 * 60),
            (
                "user:ana",
                "oidc",
                "10.2.0.31",
                "operations.resolve",
                "powerbi/logistics/tours",
                "allowed",
                "seen in the portal: ours",
                80 * 60,
            ),
            ("token:dbt", "token", "34.2.19.8", "events.receive", "dbt/retail", "allowed", None, 90 * 60),
        ]
        last = "0" * 12
        for i in range(6):
            for actor, method, address, action, target, outcome, reason, minutes in rows:
                at = ago(minutes=minutes + i * 6300)
                last = fingerprint(last, at, action)
                self.audit.append(
                    {
                        "sequence": self.sequence - len(self.audit) * 31 - 7,
                        "at": iso(at),
                        "actor": actor,
                        "method": method,
                        "address": address,
                        "action": action,
                        "target": target,
                        "outcome": outcome,
                        "reason": reason,
                        "hash": last,
                    }
                )
