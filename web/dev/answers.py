"""The answers of the API, from the sample world."""

import base64
from datetime import datetime, timedelta, timezone

from clock import BERLIN, NOW, ago, fingerprint, iso, local

PUBLIC_RUN = (
    "id status trigger actor assets forced created_at ended_at cancel_requested_by sentence duration_seconds "
    "estimated_seconds steps_by_status parent"
).split()


def parse(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Answers:
    def __init__(self, world):
        self.world = world

    # MARK: Paging

    def page(self, rows, query, name):
        limit = int(query.get("limit", 50))
        start = int(base64.urlsafe_b64decode(query["cursor"]).decode()) if query.get("cursor") else 0
        more = start + limit < len(rows)
        return {
            name: rows[start : start + limit],
            "next": base64.urlsafe_b64encode(str(start + limit).encode()).decode() if more else None,
        }

    # MARK: Board and assets

    def board(self, query):
        w = self.world
        chosen = set(w.select(query["selection"])) if query.get("selection") else None
        rows = [r for k, r in w.status.items() if chosen is None or k in chosen]

        def order(row):
            late = (row["freshness"] or {}).get("state") == "late"
            rank = ["failed", "held", "parked", "refreshing", "stale", "unknown", "paused", "up_to_date"].index(
                row["state"]
            )
            return (
                not late,
                (row["freshness"] or {}).get("since") or "",
                row["risk"] is None if not late else 0,
                rank,
                (row["freshness"] or {}).get("until") or "9",
                row["asset"],
            )

        rows.sort(key=order)
        count = lambda test: sum(1 for r in rows if test(r))
        unresolved = [r for r in w.runs if any(o["state"] == "unresolved" for o in r["operations"])]
        attention = []
        for run in unresolved[:3]:
            attention.append(
                {
                    "code": "unresolved_operation",
                    "severity": "error",
                    "sentence": f"It cannot be known whether Power BI accepted a refresh of {run['assets'][0]}; say what became of it",
                    "since": run["ended_at"],
                    "asset": run["assets"][0],
                    "run": run["id"],
                    "sensor": None,
                    "count": 1,
                }
            )
        if "warehouse/footfall" in w.assets:
            attention += [
                {
                    "code": "sensor_failing",
                    "severity": "warning",
                    "sentence": "warehouse/footfall has not answered since 04:41: connection timed out after 30 s",
                    "since": iso(ago(hours=3)),
                    "asset": "warehouse/footfall",
                    "run": None,
                    "sensor": "warehouse/footfall",
                    "count": 1,
                },
                {
                    "code": "throttled",
                    "severity": "info",
                    "sentence": "Power BI asked to wait until 07:52; 1 refresh is parked",
                    "since": iso(local(7, 16)),
                    "asset": None,
                    "run": None,
                    "sensor": None,
                    "count": 1,
                },
                {
                    "code": "ui_schedule_on",
                    "severity": "warning",
                    "sentence": "Power BI's own schedule of Budget is still on; both would refresh",
                    "since": iso(ago(days=2)),
                    "asset": "powerbi/finance/budget",
                    "run": None,
                    "sensor": None,
                    "count": 1,
                },
            ]
        if w.paused:
            attention.insert(
                0,
                {
                    "code": "everything_paused",
                    "severity": "warning",
                    "sentence": "Everything is paused; nothing begins until it is resumed",
                    "since": iso(NOW),
                    "asset": None,
                    "run": None,
                    "sensor": None,
                    "count": len(rows),
                },
            )
        late = lambda r: (r["freshness"] or {}).get("state") == "late"
        return {
            "schema": "freshet.board/1",
            "project": "retail",
            "environment": "prod",
            "at": iso(NOW),
            "sequence": w.sequence,
            "paused": w.paused,
            "daemon": True,
            "counts": {
                "assets": len(rows),
                "late": count(late),
                "at_risk": count(lambda r: r["risk"]),
                "failed": count(lambda r: r["state"] == "failed"),
                "held": count(lambda r: r["state"] == "held"),
                "refreshing": count(lambda r: r["state"] in ("refreshing", "parked")),
                "fresh": count(lambda r: r["state"] == "up_to_date" and not late(r)),
                "paused": count(lambda r: r["state"] == "paused"),
                "unresolved": len(unresolved),
                "sensors_failing": 1 if "warehouse/footfall" in w.assets else 0,
            },
            "attention": attention,
            "assets": rows,
            "running": [self.run_row(r) for r in w.runs if r["status"] == "running"],
        }

    def run_row(self, run):
        return {k: run[k] for k in PUBLIC_RUN}

    def automation(self, key):
        if key not in self.world.status:
            return None
        return {
            "on": "change",
            "quiet_period_seconds": 120,
            "min_interval_seconds": 900,
            "max_skip_seconds": 86400,
            "on_unknown": "run",
            "text": "on change, after 2 min of quiet, at most every 15 min",
        }

    def asset_row(self, key):
        w = self.world
        state, late, sentence = w.state(key)
        row, seen = w.status.get(key), w.observed.get(key)
        return w.assets[key] | {
            "state": state,
            "late": late,
            "sentence": sentence,
            "data_time": row["data_time"] if row else None,
            "last_materialized": row["last_materialized"] if row else None,
            "last_changed": row["last_changed"] if row else seen["changed_at"] if seen else None,
            "freshness": row["freshness"] if row else None,
            "freshness_policy": row["freshness_policy"] if row else None,
            "automation": self.automation(key),
            "p50_seconds": row["p50_seconds"] if row else None,
            "paused": state == "paused",
        }

    def assets(self, query):
        w = self.world
        keys = w.select(query.get("selection"))
        rows = [self.asset_row(k) for k in keys]
        facets = {name: {} for name in ("kind", "group", "state", "owner")}
        for row in rows:
            for name, value in (("kind", row["kind"]), ("group", row["group"]), ("state", row["state"])):
                if value:
                    facets[name][value] = facets[name].get(value, 0) + 1
            for owner in row["owners"]:
                facets["owner"][owner] = facets["owner"].get(owner, 0) + 1
        text = (query.get("q") or "").lower()
        rows = [
            r
            for r in rows
            if (not text or text in r["asset"].lower() or text in (r["description"] or "").lower())
            and all(not query.get(n) or r[n] == query[n] for n in ("kind", "group", "state"))
            and (not query.get("owner") or query["owner"] in r["owners"])
            and (query.get("late") != "true" or r["late"])
        ]
        sort = query.get("sort", "key")
        if sort == "state":
            rows.sort(
                key=lambda r: [
                    "failed",
                    "held",
                    "unknown",
                    "parked",
                    "refreshing",
                    "stale",
                    "paused",
                    "up_to_date",
                    "seen",
                    "branch",
                ].index(r["state"])
            )
        elif sort in ("data_time", "last_changed"):
            rows.sort(key=lambda r: r[sort] or "9")
        elif sort == "p50_seconds":
            rows.sort(key=lambda r: -(r["p50_seconds"] or 0))
        else:
            rows.sort(key=lambda r: r["asset"])
        return {"schema": "freshet.assets/1", "at": iso(NOW), "total": len(rows), "facets": facets} | self.page(
            rows, query, "assets"
        )

    def performance(self, key, days=30):
        w = self.world
        mine = [
            (r, s)
            for r in reversed(w.runs)
            for s in r["steps"]
            if s["asset"] == key and s["ended_at"] and s["status"] in ("succeeded", "failed")
        ]
        good = sorted(s["took"] for _, s in mine if s["status"] == "succeeded")
        pick = lambda share: good[min(len(good) - 1, int(len(good) * share))] if good else None
        p95 = pick(0.95)
        samples = [
            {
                "run": r["id"],
                "at": s["ended_at"],
                "status": s["status"],
                "duration_seconds": s["took"],
                "queued_seconds": s["queued"],
                "parts": [c["part"] for c in s["causes"] if c.get("part")],
                "slow": bool(p95 and s["took"] > 1.5 * p95),
            }
            for r, s in mine
        ]
        return {
            "days": days,
            "runs": len(mine),
            "succeeded": len(good),
            "success_ratio": round(len(good) / len(mine), 4) if mine else None,
            "p50_seconds": pick(0.5),
            "p95_seconds": p95,
            "queue_p50_seconds": 1.2 if mine else None,
            "skips": len(mine) * 61,
            "samples": samples,
        }

    def asset(self, key):
        w = self.world
        state, late, sentence = w.state(key)
        row = w.status.get(key)
        parts = {a: [p for p, reads in w.parts[key].items() if a in reads] for a in w.deps[key]}
        remote = None
        if w.assets[key]["kind"].startswith("powerbi"):
            warnings = (
                ["Power BI's own schedule is still on, daily at 06:00; both would refresh"]
                if key == "powerbi/finance/budget"
                else []
            )
            remote = {
                "system": "Power BI",
                "workspace": row["workspace"],
                "name": key.rsplit("/", 1)[1].capitalize(),
                "url": "https://app.powerbi.com/groups/7c0e/datasets/41aa/details",
                "capacity": "capacity-a",
                "warnings": warnings,
            }
        checks = [c for r in w.runs for c in r["checks"] if c["asset"] == key][:4]
        return {
            "schema": "freshet.asset/1",
            "at": iso(NOW),
            "asset": w.assets[key],
            "status": row,
            "state": state,
            "late": late,
            "sentence": sentence,
            "observation": w.observed.get(key),
            "freshness_policy": row["freshness_policy"] if row else None,
            "automation": self.automation(key),
            "paused": state == "paused",
            "upstream": [w.neighbour(k, parts[k]) for k in w.deps[key]],
            "downstream": [w.neighbour(k) for k in w.downstream[key]],
            "remote": remote,
            "performance": self.performance(key),
            "checks": checks,
            "pending": [t for t in w.triggers if key in t["assets"]],
            "origin": {"file": f"assets/{w.assets[key]['group'] or 'warehouse'}.yaml", "line": 12},
        }

    def timeline(self, key, query):
        w = self.world
        rows = []
        base = dict(
            until=None,
            count=1,
            reason=None,
            run=None,
            duration_seconds=None,
            parts=[],
            causes=[],
            evidence=[],
            version=None,
            previous_version=None,
            failure=None,
        )
        if key in w.status:
            now = w.status[key]
            mine = [(r, s) for r in w.runs for s in r["steps"] if s["asset"] == key]
            if now["state"] in ("held",):
                rows.append(
                    base
                    | {
                        "entry": "held",
                        "at": iso(local(5, 58)),
                        "until": iso(NOW),
                        "count": 42,
                        "sentence": now["sentence"],
                        "reason": now["reason"],
                        "evidence": now["evidence"],
                    }
                )
            if now["state"] in ("stale", "paused"):
                rows.append(
                    base
                    | {
                        "entry": "waiting",
                        "at": now["data_time"],
                        "sentence": now["sentence"],
                        "reason": now["reason"],
                        "evidence": now["evidence"],
                        "causes": now.get("causes", []),
                    }
                )
            previous = NOW if now["state"] == "up_to_date" else None
            for run, step in mine:
                if step["status"] == "skipped":
                    continue
                ended = parse(step["ended_at"]) if step["ended_at"] else None
                if ended and previous and (previous - ended).total_seconds() > 600:
                    names = len(w.inputs(key))
                    same = [
                        e | {"comparison": "same", "now": e["then"] or e["now"], "health": "ok", "message": None}
                        for e in now["evidence"]
                    ]
                    rows.append(
                        base
                        | {
                            "entry": "skipped",
                            "at": iso(ended + timedelta(seconds=30)),
                            "until": iso(previous),
                            "count": max(1, int((previous - ended).total_seconds() / 1800)),
                            "reason": "up_to_date",
                            "sentence": "is skipped: nothing changed in "
                            + ("its 1 input" if names == 1 else f"its {names} inputs"),
                            "evidence": same,
                        }
                    )
                entry = {"succeeded": "materialized", "failed": "failed", "running": "running", "queued": "running"}[
                    step["status"]
                ]
                evidence = [dict(e) for e in now["evidence"]]
                for e in evidence:
                    moved = any(c.get("input") == e["input"] for c in step["causes"])
                    e |= {"health": "ok", "message": None, "comparison": "changed" if moved else "same"}
                    if moved:
                        e |= {
                            "then": f"row_count={int(fingerprint(run['id'], 1)[:5], 16)};max(updated_at)={iso(parse(run['created_at']) - timedelta(hours=4))}",
                            "now": f"row_count={int(fingerprint(run['id'], 1)[:5], 16) + 1240};max(updated_at)={run['created_at']}",
                        }
                rows.append(
                    base
                    | {
                        "entry": entry,
                        "at": step["started_at"] or run["created_at"],
                        "until": step["ended_at"],
                        "sentence": step["sentence"],
                        "reason": step["causes"][0]["cause"] if step["causes"] else None,
                        "run": run["id"],
                        "duration_seconds": step["took"] if step["ended_at"] else None,
                        "parts": [c["part"] for c in step["causes"] if c.get("part")],
                        "causes": step["causes"],
                        "evidence": evidence,
                        "version": fingerprint(run["id"], key) if entry == "materialized" else None,
                        "failure": step["failure"] if entry == "failed" else None,
                    }
                )
                previous = parse(step["started_at"] or run["created_at"])
        elif key in w.observed:
            seen = w.observed[key]
            for i in range(24):
                at = parse(seen["changed_at"]) - timedelta(minutes=163 * i)
                old = f"row_count={int(fingerprint(key)[:5], 16) - 900 * i};max(updated_at)={iso(at)}"
                rows.append(
                    base
                    | {
                        "entry": "changed",
                        "at": iso(at),
                        "sentence": "changed" if i or seen["health"] != "failed" else f"failed: {seen['message']}",
                        "count": 1,
                        "version": seen["version"] if not i else old,
                        "previous_version": f"row_count={int(fingerprint(key)[:5], 16) - 900 * (i + 1)};max(updated_at)={iso(at - timedelta(minutes=163))}",
                    }
                )
        for i, row in enumerate(rows):
            row["sequence"] = w.sequence - i
        wanted = set(filter(None, (query.get("entry") or "").split(",")))
        rows = [r for r in rows if not wanted or r["entry"] in wanted]
        return {"schema": "freshet.timeline/1", "at": iso(NOW), "asset": key} | self.page(rows, query, "entries")

    def versions(self, key, query):
        w = self.world
        rows = []
        mine = [(r, s) for r in w.runs for s in r["steps"] if s["asset"] == key and s["status"] == "succeeded"]
        for run, step in mine:
            moved = {c.get("input") for c in step["causes"]}
            rows.append(
                {
                    "run": run["id"],
                    "at": step["ended_at"],
                    "version": fingerprint(run["id"], key),
                    "code_version": w.assets[key]["code_version"],
                    "extent": [c["part"] for c in step["causes"] if c.get("part")],
                    "inputs": [
                        {
                            "input": a,
                            "part": p,
                            "version": f"row_count={int(fingerprint(a, run['id'] if a in moved else '')[:5], 16)}",
                            "changed": a in moved,
                        }
                        for a, p in w.inputs(key)
                    ],
                }
            )
        return {"schema": "freshet.versions/1", "asset": key} | self.page(rows, query, "versions")

    def definition(self, key):
        asset = self.world.assets[key]
        file = f"assets/{asset['group'] or 'warehouse'}.yaml"
        rows = [("key", key, "asset", file, 12), ("kind", asset["kind"], "asset", file, 13)]
        if asset["description"]:
            rows.append(("description", asset["description"], "asset", file, 14))
        rows += [
            ("group", asset["group"], "asset", file, 15),
            ("owners", "[" + ", ".join(asset["owners"]) + "]", "asset", file, 16),
        ]
        if asset["kind"].startswith("powerbi"):
            rows += [
                ("connection", "powerbi", "defaults", "freshet.yaml", 50),
                ("workspace", "Retail", "environment", "freshet.yaml", 9),
                ("model", key.rsplit("/", 1)[1].capitalize(), "asset", file, 18),
                ("automation.on", "change", "defaults", "freshet.yaml", 52),
                ("automation.quiet_period", "2m", "defaults", "freshet.yaml", 52),
                ("automation.min_interval", "15m", "defaults", "freshet.yaml", 52),
                ("automation.max_skip", "24h", "defaults", "freshet.yaml", 52),
                ("automation.on_unknown", "run", "built in", None, None),
                ("retry.count", "3", "defaults", "freshet.yaml", 53),
                ("retry.delay", "15m", "defaults", "freshet.yaml", 53),
                ("timeout", "2h", "defaults", "freshet.yaml", 54),
                ("pool", "powerbi/capacity-a", "defaults", "freshet.yaml", 55),
            ]
            rows += [
                (f"refresh.tables.{p}.from", ", ".join(reads), "asset", file, 20 + i)
                for i, (p, reads) in enumerate(asset["parts"].items())
            ]
            rows += [
                ("refresh.commit_mode", "transactional", "built in", None, None),
                ("on_conflict", "wait", "built in", None, None),
            ]
        elif asset["kind"] == "sql.table":
            rows += [
                ("connection", "warehouse", "defaults", "freshet.yaml", 57),
                ("change", "[row_count, max(updated_at)]", "defaults", "freshet.yaml", 58),
                ("every", "30s", "environment", "freshet.yaml", 10),
            ]
        return {
            "schema": "freshet.config/1",
            "asset": key,
            "settings": [
                {"path": p, "value": str(v), "layer": l, "file": f, "line": n, "column": 5 if n else None}
                for p, v, l, f, n in rows
            ],
        }

    def decisions(self, query):
        w = self.world
        rows = []
        for key in [query["asset"]] if query.get("asset") in w.status else w.status:
            for entry in self.timeline(key, {"limit": 30})["entries"]:
                outcome = {"skipped": "skip", "held": "hold"}.get(entry["entry"], "run")
                rows.append(
                    {
                        "asset": key,
                        "at": entry["at"],
                        "sequence": entry["sequence"],
                        "run": entry["run"],
                        "config_version": "3f9c1ad",
                        "outcome": outcome,
                        "reason": entry["reason"],
                        "sentence": entry["sentence"],
                        "causes": entry["causes"],
                        "evidence": entry["evidence"],
                    }
                )
        rows = [
            r
            for r in rows
            if r["reason"]
            and (not query.get("outcome") or r["outcome"] == query["outcome"])
            and (not query.get("at") or r["at"] <= query["at"])
        ]
        rows.sort(key=lambda r: r["at"], reverse=True)
        return {"schema": "freshet.decisions/1"} | self.page(rows, query, "decisions")

    def blame(self, key):
        w = self.world
        row = w.status.get(key) or {}
        culprit = row.get("culprit")
        if not culprit:
            bad = [k for k in w.upstream(key) if w.state(k)[0] in ("failed", "held", "unknown")]
            culprit = bad[0] if bad else None
        chain = w.path(culprit, key)[0] if culprit else [key]
        sentence = row.get("sentence") or w.state(key)[2]
        if culprit:
            sentence = f"{sentence}; {culprit} {w.state(culprit)[2]}"
        return {
            "schema": "freshet.blame/1",
            "asset": key,
            "sentence": sentence,
            "culprit": culprit,
            "chain": [w.neighbour(k) for k in chain],
        }

    # MARK: Runs

    def runs(self, query):
        rows = [
            r
            for r in self.world.runs
            if all(not query.get(n) or r[n] == query[n] for n in ("status", "trigger"))
            and (not query.get("asset") or query["asset"] in r["assets"])
            and (not query.get("since") or r["created_at"] >= query["since"])
            and (not query.get("until") or r["created_at"] < query["until"])
        ]
        hours = []
        if not query.get("cursor"):
            start = NOW.replace(minute=0, second=0) - timedelta(hours=47)
            hours = [
                {"from": iso(start + timedelta(hours=i)), "succeeded": 0, "failed": 0, "cancelled": 0, "running": 0}
                for i in range(48)
            ]
            for run in rows:
                index = int((parse(run["created_at"]) - start).total_seconds() // 3600)
                if 0 <= index < 48:
                    hours[index][run["status"]] += 1
        page = self.page([self.run_row(r) for r in rows], query, "runs")
        return {
            "schema": "freshet.runs/1",
            "at": iso(NOW),
            "waiting": self.world.triggers if not query.get("cursor") else [],
            "hours": hours,
        } | page

    def run(self, run):
        steps = [{k: v for k, v in s.items() if k not in ("took", "queued")} for s in run["steps"]]
        return {"schema": "freshet.run/1", "at": iso(NOW), "run": run | {"steps": steps}}

    def log(self, run, query):
        levels = ["debug", "info", "warning", "error"]
        least = levels.index(query.get("level", "debug"))
        text = (query.get("q") or "").lower()
        rows = [
            l
            for l in self.world.logs[run["id"]]
            if (not query.get("asset") or l["asset"] == query["asset"])
            and l["number"] > int(query.get("after", 0))
            and levels.index(l["level"]) >= least
            and text in l["message"].lower()
        ]
        rows.sort(key=lambda l: l["at"])
        return {"schema": "freshet.log/1"} | self.page(rows, query, "lines")

    def candidates(self, operation):
        at = parse(operation["prepared_at"])
        rows = [
            (
                "ViaEnhancedApi",
                "Completed",
                4,
                True,
                "began 4 s after our request, by our application, for the same table",
            ),
            (
                "ViaEnhancedApi",
                "Completed",
                31,
                False,
                "began 31 s after our request, by our application, for the whole model",
            ),
        ]
        return {
            "schema": "freshet.candidates/1",
            "operation": operation,
            "candidates": [
                {
                    "request_id": f"{fingerprint(operation['id'], i)}-refresh",
                    "source": s,
                    "type": "Full",
                    "status": st,
                    "started_at": iso(at + timedelta(seconds=d)),
                    "ended_at": iso(at + timedelta(seconds=d + 240)),
                    "likely": likely,
                    "sentence": text,
                }
                for i, (s, st, d, likely, text) in enumerate(rows)
            ],
        }

    # MARK: Sensors, schedules, plans

    def sensors(self):
        w = self.world
        rows = []
        start = NOW - timedelta(hours=24)
        for name in w.sensor_names():
            mine = [t for t in w.ticks if t["sensor"] == name]
            strip = [
                {
                    "from": iso(start + timedelta(minutes=30 * i)),
                    "to": iso(start + timedelta(minutes=30 * (i + 1))),
                    "changed": 0,
                    "unchanged": 0,
                    "failed": 0,
                }
                for i in range(48)
            ]
            for t in mine:
                a, b = (parse(t["started_at"]) - start).total_seconds() / 1800, (
                    parse(t["ended_at"]) - start
                ).total_seconds() / 1800
                for i in range(max(0, int(a)), min(47, int(b)) + 1):
                    strip[i][t["status"]] += max(1, t["count"] // max(1, int(b) - int(a) + 1))
            asset = w.assets.get(name)
            last = mine[0] if mine else None
            rows.append(
                {
                    "sensor": name,
                    "kind": asset["kind"] if asset else "dbt",
                    "every_seconds": 30.0 if not asset or not asset["deps"] else None,
                    "last_tick": last,
                    "next_at": iso(NOW + timedelta(seconds=17)) if not asset or not asset["deps"] else None,
                    "paused": w.states.get(f"sensor:{name}", False),
                    "cursor": 'etag "6d2f01ab"' if not asset else None,
                    "assets": 11 if not asset else 1,
                    "strip": strip,
                    "p50_seconds": 0.18,
                    "sentence": f"{last['status']}: {last['message']}" if last else "has not looked yet",
                }
            )
        rows.sort(
            key=lambda r: ((r["last_tick"] or {}).get("status") != "failed", r["sensor"] != "dbt/retail", r["sensor"])
        )
        return {"schema": "freshet.sensors/1", "at": iso(NOW), "sensors": rows}

    def ticks(self, query):
        rows = [t for t in self.world.ticks if all(not query.get(n) or t[n] == query[n] for n in ("sensor", "status"))]
        return {"schema": "freshet.ticks/1"} | self.page(rows, query, "ticks")

    def schedules(self, query):
        count = int(query.get("count", 5))

        def slots(hour, minute, days):
            found, day = [], 0
            while len(found) < count:
                moment = local(hour, minute, day)
                zoned = moment.astimezone(BERLIN)
                day += 1
                if moment > NOW and zoned.isoweekday() in days:
                    found.append({"at": iso(moment), "local": zoned.strftime("%a %d %b %H:%M %z"), "note": None})
            return found

        everything = [1, 2, 3, 4, 5, 6, 7]
        dst = [{"date": "2026-10-25", "kind": "back", "sentence": "02:30 comes twice; it runs at the first"}]
        run = self.world.runs[0]["id"] if self.world.runs else None
        last = {"slot": iso(local(2, 30)), "disposition": "skipped", "reason": "up_to_date", "run": None}
        night = slots(2, 30, everything)
        if night:
            night[-1] = night[-1] | {
                "at": "2026-10-25T00:30:00Z",
                "local": "Sun 25 Oct 02:30 +0200",
                "note": "dst_overlap",
            }
        rows = [
            {
                "schedule": "nightly/finance",
                "cron": "30 2 * * *",
                "text": "every day at 02:30",
                "timezone": "Europe/Berlin",
                "assets": ["powerbi/finance/ledger", "powerbi/finance/budget"],
                "paused": self.world.states.get("schedule:nightly/finance", False),
                "next": night,
                "last": last,
                "dst_days": dst,
            },
            {
                "schedule": "opening/stores",
                "cron": "0 8 * * 1-6",
                "text": "at 08:00, Monday to Saturday",
                "timezone": "Europe/Berlin",
                "assets": ["powerbi/stores/footfall"],
                "paused": self.world.states.get("schedule:opening/stores", False),
                "next": slots(8, 0, [1, 2, 3, 4, 5, 6]),
                "last": {"slot": iso(local(8, 0, -2)), "disposition": "run", "reason": "slot_due", "run": run},
                "dst_days": [],
            },
        ]
        return {"schema": "freshet.schedules/1", "at": iso(NOW), "schedules": rows}

    def plan(self, selection, forced):
        w = self.world
        keys = [k for k in w.select(selection) if k in w.status]
        steps, running = [], {a: r for r in w.runs if r["status"] == "running" for a in r["assets"]}
        for key in keys:
            row = w.status[key]
            step = {
                n: row[n] for n in ("asset", "kind", "outcome", "reason", "evidence", "causes", "parts") if n in row
            }
            text = row["sentence"].removeprefix("failed: ")
            moved = (row.get("causes") or [{}])[0].get("text", text)
            step["sentence"] = row["sentence"] if row["outcome"] != "run" else f"runs because {moved}"
            if row["outcome"] == "skip":
                step["sentence"] = row["sentence"].replace("is up to date", "is skipped")
            if forced and row["outcome"] != "hold":
                step |= {
                    "outcome": "run",
                    "reason": "forced",
                    "sentence": "runs because it was forced",
                    "causes": [{"cause": "forced", "text": "it was forced"}],
                }
                step.pop("parts", None)
            busy = running.get(key)
            steps.append(
                step
                | {
                    "estimated_seconds": row["p50_seconds"] if step["outcome"] == "run" else None,
                    "depends_on": [d for d in w.deps[key] if d in keys],
                    "conflict": (
                        {"run": busy["id"], "sentence": "a run works on it; it is decided when that ends"}
                        if busy
                        else None
                    ),
                }
            )
        counts = {n: sum(1 for s in steps if s["outcome"] == n) for n in ("run", "skip", "hold", "wait")}
        times = [s["estimated_seconds"] for s in steps if s["estimated_seconds"]]
        return {
            "schema": "freshet.plan/1",
            "project": "retail",
            "at": iso(NOW),
            "steps": steps,
            "counts": counts,
            "estimated_seconds": max(times, default=None),
            "failures": (
                ["warehouse/footfall: connection timed out after 30 s"]
                if "warehouse/footfall" in w.assets and any(k.endswith("footfall") for k in keys)
                else []
            ),
            "plan_hash": fingerprint([(s["asset"], s["outcome"]) for s in steps]),
            "sentence": f"{counts['run']} to run, {counts['skip']} to skip, {counts['hold']} held",
        }

    # MARK: The rest

    def savings(self, query):
        w = self.world
        import random

        chance = random.Random(3)
        count = int(query.get("days", 30))
        zero = lambda: {
            "refreshed": 0,
            "avoided": 0,
            "refreshed_seconds": 0.0,
            "avoided_seconds": 0.0,
            "tables_refreshed": 0,
            "tables_avoided": 0,
            "wasted": 0,
            "wasted_seconds": 0.0,
            "late_seconds": 0.0,
            "shadow": {"would_have_skipped": 0, "wrong": 0, "unproved": 0},
        }
        total, rows = zero(), {}
        days = [zero() | {"date": (NOW - timedelta(days=count - 1 - i)).strftime("%Y-%m-%d")} for i in range(count)]
        by = query.get("by", "asset")
        for key, row in w.status.items():
            busy = chance.random()
            name = key if by == "asset" else row["group"] or (row["owners"] or ["(nobody)"])[0]
            mine = rows.setdefault(name, zero() | {"name": name, "asset": key if by == "asset" else None})
            for day in days:
                weekend = datetime.fromisoformat(day["date"]).weekday() > 4
                made = int(48 * busy * (0.2 if weekend else 0.5) * chance.random())
                avoided = 48 - made
                tables = max(1, len(w.parts[key]))
                figures = {
                    "refreshed": made,
                    "avoided": avoided,
                    "refreshed_seconds": made * row["p50_seconds"] * 0.4,
                    "avoided_seconds": avoided * row["p50_seconds"],
                    "tables_refreshed": made,
                    "tables_avoided": made * (tables - 1),
                    "wasted": int(chance.random() < 0.03),
                    "late_seconds": made * 20.0,
                }
                for target in (total, mine, day):
                    for n, v in figures.items():
                        target[n] += v
        rows = sorted(rows.values(), key=lambda r: -r["avoided_seconds"])
        share = total["avoided"] / max(1, total["avoided"] + total["refreshed"])
        return {
            "schema": "freshet.savings/1",
            "from": iso(NOW - timedelta(days=count)),
            "to": iso(NOW),
            "by": by,
            "sentence": f"{share:.0%} of the refreshes that a half-hourly schedule would have made found nothing new, and were not made",
            "totals": total,
            "days": days,
            "rows": rows,
        }

    def config(self):
        w = self.world
        lines = [
            ("same", 17, 17, '    freshness: {by: "07:30", on: weekdays, max_data_age: 2h}'),
            ("removed", 18, None, "    automation: {quiet_period: 2m}"),
            ("added", None, 18, "    automation: {quiet_period: 5m}"),
            ("same", 19, 19, "    refresh:"),
            ("same", 20, 20, "      tables:"),
            ("added", None, 21, "        dim_store: {from: warehouse/dim_stroe}"),
            ("same", 21, 22, "        fct_sales: {from: warehouse/fct_sales, partition: Current}"),
        ]
        return {
            "schema": "freshet.config_state/1",
            "project": "retail",
            "environment": "prod",
            "mode": "act",
            "timezone": "Europe/Berlin",
            "config_version": "3f9c1ad",
            "graph_hash": w.graph_hash,
            "loaded_at": iso(ago(hours=71)),
            "assets": len(w.assets),
            "files": [
                {"file": "freshet.yaml", "status": "same", "assets": 0},
                {"file": "assets/sales.yaml", "status": "changed", "assets": 4},
                {"file": "assets/inventory.yaml", "status": "same", "assets": 3},
                {"file": "assets/finance.yaml", "status": "same", "assets": 3},
                {"file": "assets/warehouse.yaml", "status": "same", "assets": 11},
                {"file": "assets/quality.yaml", "status": "added", "assets": 1},
            ],
            "differs": True,
            "valid": False,
            "diagnostics": [
                {
                    "severity": "error",
                    "message": "unknown asset 'warehouse/dim_stroe'",
                    "file": "assets/sales.yaml",
                    "line": 21,
                    "column": 27,
                    "expected": "an asset's key",
                    "nearest": "warehouse/dim_store",
                }
            ],
            "changes": [
                {
                    "asset": "powerbi/retail/sales",
                    "change": "changed",
                    "sentence": "quiet_period becomes 5 min; nothing is refreshed because of it",
                },
                {"asset": "checks/stock", "change": "added", "sentence": "is new; runs when it is first asked for"},
            ],
            "diff": [
                {
                    "file": "assets/sales.yaml",
                    "hunks": [
                        {
                            "header": "@@ -17,5 +17,6 @@ powerbi/retail/sales",
                            "lines": [{"kind": k, "old": o, "new": n, "text": t} for k, o, n, t in lines],
                        }
                    ],
                }
            ],
            "history": [
                {"config_version": "3f9c1ad", "loaded_at": iso(ago(hours=71)), "sentence": "2 assets changed, 1 added"},
                {
                    "config_version": "a81e0c2",
                    "loaded_at": iso(ago(days=9)),
                    "sentence": "freshness of sales: by 07:30 instead of 08:00",
                },
                {"config_version": "77b0d11", "loaded_at": iso(ago(days=23)), "sentence": "first load"},
            ],
        }

    def audit(self, query):
        rows = [
            r
            for r in self.world.audit
            if all(not query.get(n) or r[n] == query[n] for n in ("actor", "target", "outcome"))
            and (
                not query.get("action")
                or r["action"] == query["action"]
                or r["action"].startswith(query["action"] + ".")
            )
        ]
        return {"schema": "freshet.audit/1"} | self.page(rows, query, "rows")

    def session(self, role):
        known = role is not None
        return {
            "schema": "freshet.session/1",
            "at": iso(NOW),
            "authenticated": known,
            "user": "ana" if known else None,
            "name": "Ana Brandt" if known else None,
            "role": role,
            "csrf_token": "sample-csrf" if known else None,
            "expires_at": iso(ago(hours=-8)) if known else None,
            "methods": ["password", "oidc"],
            "oidc_label": "Entra ID",
            "project": "retail" if known else None,
            "environment": "prod" if known else None,
            "environment_color": "green" if known else None,
            "mode": "act" if known else None,
            "version": "0.4.0" if known else None,
            "timezone": "Europe/Berlin" if known else None,
            "insecure": False,
        }

    def badge(self, key):
        state, late, _ = self.world.state(key)
        word = "late" if late else {"up_to_date": "fresh"}.get(state, state.replace("_", " "))
        color = "#b3261e" if late or state == "failed" else "#8a5300" if state == "held" else "#1b6e44"
        name = key.rsplit("/", 1)[1]
        left, right = 7 * len(name) + 16, 7 * len(word) + 16
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="22" role="img" '
            f'aria-label="{name}: {word}"><rect width="{left + right}" height="22" rx="4" fill="#3d4a55"/>'
            f'<path d="M{left} 0h{right - 4}a4 4 0 0 1 4 4v14a4 4 0 0 1-4 4h-{right - 4}z" fill="{color}"/>'
            '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
            f'<text x="8" y="15">{name}</text><text x="{left + 8}" y="15">{word}</text></g></svg>'
        )
