"""A retailer's Monday morning, made from a seed: what the daemon would answer, without the daemon."""

import random
import uuid
from datetime import timedelta

from clock import BERLIN, NOW, ago, fingerprint, iso, local
from history import History
from layout import HEIGHT, WIDTH, compact, layered


class World(History):
    def __init__(self, size=40, seed=7):
        self.random = random.Random(seed)
        self.size = size
        self.sequence = 48213
        self.paused = False
        self.assets, self.deps, self.parts = {}, {}, {}
        self.runs, self.ticks, self.audit, self.triggers = [], [], [], []
        self.logs, self.keys = {}, {}
        self.states = {}
        if size <= 100:
            self._retailer()
        else:
            self._estate(size)
        self.downstream = {key: [] for key in self.assets}
        for key, above in self.deps.items():
            for other in above:
                self.downstream[other].append(key)
        self.graph_hash = fingerprint("graph", sorted(self.deps.items()))
        self._stand()
        if size <= 100:
            self._history()
        else:
            self._small_history()
        self._audit()

    # MARK: Definitions

    def _id(self, moment):
        head = int(moment.timestamp() * 1000)
        bits = self.random.getrandbits(74)
        value = (head << 80) | (7 << 76) | ((bits >> 62) << 64) | (2 << 62) | (bits & ((1 << 62) - 1))
        return str(uuid.UUID(int=value))

    def add(
        self, key, kind, deps=(), group=None, role=None, owners=(), tags=None, description=None, parts=None, **more
    ):
        role = role or ("branch" if kind == "branch" else "materialized" if kind.startswith("powerbi") else "observed")
        self.assets[key] = {
            "asset": key,
            "kind": kind,
            "role": role,
            "deps": list(deps),
            "group": group,
            "owners": list(owners),
            "tags": tags or {},
            "description": description,
            "code_version": fingerprint("code", key),
            "parts": parts or {},
        }
        self.deps[key] = list(dict.fromkeys(list(deps) + [a for reads in (parts or {}).values() for a in reads]))
        self.parts[key] = parts or {}
        self.more = getattr(self, "more", {})
        self.more[key] = more

    def _retailer(self):
        add = self.add
        for name, words in [
            ("orders", "Tills and web shop, hourly."),
            ("returns", None),
            ("stock_moves", None),
            ("customers", "Loyalty programme."),
            ("campaigns", "From the agency, daily."),
        ]:
            add(f"landing/{name}", "s3.object", group="landing", owners=["team:platform"], description=words)
        node = "dbt.model"
        add("dbt/retail/stg_orders", node, ["landing/orders"], "staging", owners=["team:data"])
        add("dbt/retail/stg_returns", node, ["landing/returns"], "staging", owners=["team:data"])
        add("dbt/retail/stg_stock", node, ["landing/stock_moves"], "staging", owners=["team:data"])
        add("dbt/retail/stg_customers", node, ["landing/customers"], "staging", owners=["team:data"])
        add("dbt/retail/stg_campaigns", node, ["landing/campaigns"], "staging", owners=["team:data"])
        add(
            "dbt/retail/fct_sales",
            node,
            ["dbt/retail/stg_orders", "dbt/retail/stg_returns"],
            "marts",
            owners=["team:data"],
        )
        add("dbt/retail/fct_stock", node, ["dbt/retail/stg_stock"], "marts", owners=["team:data"])
        add(
            "dbt/retail/fct_margin",
            node,
            ["dbt/retail/stg_orders", "dbt/retail/stg_stock"],
            "marts",
            owners=["team:data"],
        )
        add("dbt/retail/dim_customer", node, ["dbt/retail/stg_customers"], "marts", owners=["team:data"])
        add("dbt/retail/dim_product", node, ["dbt/retail/stg_stock"], "marts", owners=["team:data"])
        add(
            "dbt/retail/fct_campaign",
            node,
            ["dbt/retail/stg_campaigns", "dbt/retail/stg_orders"],
            "marts",
            owners=["team:data"],
        )
        for name in ["fct_sales", "fct_stock", "fct_margin", "dim_customer", "dim_product", "fct_campaign"]:
            add(f"warehouse/{name}", "sql.table", [f"dbt/retail/{name}"], "warehouse", owners=["team:data"])
        add(
            "warehouse/gl_postings",
            "sql.table",
            [],
            "warehouse",
            owners=["team:finance"],
            description="General ledger, from the ERP.",
        )
        add("warehouse/cost_centres", "sql.table", [], "warehouse", owners=["team:finance"])
        add("warehouse/headcount", "sql.table", [], "warehouse", owners=["team:people"])
        add(
            "warehouse/footfall",
            "sql.table",
            [],
            "warehouse",
            owners=["team:stores"],
            description="Door counters; the supplier is slow.",
        )
        add("warehouse/tours", "sql.table", [], "warehouse", owners=["team:logistics"])
        add("gate/sales", "branch", ["warehouse/fct_sales", "warehouse/dim_customer"], "sales")
        add("gate/month_end", "branch", ["warehouse/gl_postings"], "finance")
        model, flow = "powerbi.semantic_model", "powerbi.dataflow"
        add(
            "powerbi/retail/products_flow",
            flow,
            ["warehouse/dim_product"],
            "inventory",
            owners=["team:logistics"],
            description="Shared product hierarchy.",
        )
        add(
            "powerbi/retail/sales",
            model,
            ["gate/sales"],
            "sales",
            owners=["team:bi"],
            tags={"critical": "", "tier": "gold"},
            description="Revenue by customer and day.",
            parts={
                "fct_sales": ["warehouse/fct_sales"],
                "dim_customer": ["warehouse/dim_customer"],
                "dim_product": ["warehouse/dim_product"],
            },
        )
        add(
            "powerbi/retail/margin",
            model,
            [],
            "sales",
            owners=["team:bi"],
            tags={"tier": "gold"},
            description="Contribution margin by product.",
            parts={"fct_margin": ["warehouse/fct_margin"], "dim_product": ["warehouse/dim_product"]},
        )
        add(
            "powerbi/retail/customers",
            model,
            [],
            "sales",
            owners=["team:bi"],
            description="Loyalty and churn.",
            parts={"dim_customer": ["warehouse/dim_customer"]},
        )
        add(
            "powerbi/retail/campaigns",
            model,
            [],
            "marketing",
            owners=["team:marketing"],
            description="Campaign effect, by day and channel.",
            parts={"fct_campaign": ["warehouse/fct_campaign"], "dim_customer": ["warehouse/dim_customer"]},
        )
        add(
            "powerbi/retail/inventory",
            model,
            ["powerbi/retail/products_flow"],
            "inventory",
            owners=["team:logistics"],
            tags={"tier": "gold"},
            description="Stock on hand by product.",
            parts={"fct_stock": ["warehouse/fct_stock"], "dim_product": ["warehouse/dim_product"]},
        )
        add(
            "powerbi/retail/forecast",
            model,
            [],
            "inventory",
            owners=["team:logistics"],
            description="Demand for the next 28 days.",
            parts={"fct_sales": ["warehouse/fct_sales"], "fct_stock": ["warehouse/fct_stock"]},
        )
        add(
            "powerbi/finance/ledger",
            model,
            ["gate/month_end"],
            "finance",
            owners=["team:finance"],
            tags={"tier": "gold"},
            description="General ledger, 36 months.",
            parts={"gl": ["warehouse/gl_postings"], "cost_centre": ["warehouse/cost_centres"]},
        )
        add(
            "powerbi/finance/budget",
            model,
            [],
            "finance",
            owners=["team:finance"],
            parts={"cost_centre": ["warehouse/cost_centres"]},
        )
        add(
            "powerbi/people/headcount",
            model,
            [],
            "people",
            owners=["team:people"],
            parts={"headcount": ["warehouse/headcount"]},
        )
        add(
            "powerbi/stores/footfall",
            model,
            [],
            "stores",
            owners=["team:stores"],
            description="Visitors by store and hour.",
            parts={"footfall": ["warehouse/footfall"]},
        )
        add(
            "powerbi/logistics/tours",
            model,
            [],
            "logistics",
            owners=["team:logistics"],
            parts={"tours": ["warehouse/tours"]},
        )

    def _estate(self, size):
        chance = self.random
        domains = [
            "sales",
            "finance",
            "inventory",
            "people",
            "stores",
            "logistics",
            "marketing",
            "online",
            "purchasing",
            "pricing",
            "quality",
            "service",
            "risk",
            "tax",
            "treasury",
            "property",
            "energy",
            "fleet",
            "food",
            "home",
        ]
        words = [
            "orders",
            "returns",
            "stock",
            "price",
            "customer",
            "product",
            "store",
            "ledger",
            "invoice",
            "tour",
            "shift",
            "campaign",
            "basket",
            "supplier",
            "payment",
            "visit",
            "claim",
            "contract",
            "forecast",
            "margin",
        ]
        shares = [
            ("landing", "s3.object", 0.12),
            ("stg", "dbt.model", 0.22),
            ("fct", "dbt.model", 0.22),
            ("warehouse", "sql.table", 0.2),
            ("powerbi", "powerbi.semantic_model", 0.24),
        ]
        before = {}
        count = 0
        for tier, kind, share in shares:
            now = {}
            for i in range(int(size * share) if tier != "powerbi" else size - count):
                domain = domains[i % len(domains)] if chance.random() < 0.9 else chance.choice(domains)
                name = f"{chance.choice(words)}_{i:04d}"
                key = {
                    "landing": f"landing/{domain}/{name}",
                    "stg": f"dbt/{domain}/stg_{name}",
                    "fct": f"dbt/{domain}/fct_{name}",
                    "warehouse": f"warehouse/{domain}/{name}",
                    "powerbi": f"powerbi/{domain}/{name}",
                }[tier]
                pool = before.get(domain, [])
                deps = chance.sample(pool, min(len(pool), chance.choice([1, 1, 2, 2, 3]))) if pool else []
                if before and chance.random() < 0.08:
                    deps += chance.sample(before[chance.choice(list(before))], 1)
                parts = {d.rsplit("/", 1)[1]: [d] for d in deps} if tier == "powerbi" else None
                self.add(
                    key,
                    kind,
                    [] if parts else list(dict.fromkeys(deps)),
                    domain,
                    owners=[f"team:{domain}"],
                    parts=parts,
                )
                now.setdefault(domain, []).append(key)
                count += 1
            before = now

    # MARK: How things stand

    def _stand(self):
        chance = self.random
        self.status, self.observed = {}, {}
        special = self._story() if self.size <= 100 else {}
        for key, asset in self.assets.items():
            if asset["role"] == "observed":
                seen = special.get(key, {})
                changed = seen.get("changed") or ago(minutes=chance.choice([23, 41, 55, 77, 140, 320]))
                rows = chance.randrange(20_000, 4_000_000)
                self.observed[key] = {
                    "version": seen.get("version")
                    or (
                        f"row_count={rows};max(updated_at)={iso(changed)}"
                        if asset["kind"] == "sql.table"
                        else (
                            f"invocation {fingerprint(key)[:8]}"
                            if asset["kind"].startswith("dbt")
                            else f"etag {fingerprint(key)}"
                        )
                    ),
                    "health": seen.get("health", "ok"),
                    "signal": {"sql.table": "row_count, max(updated_at)", "s3.object": "etag"}.get(
                        asset["kind"], "run_results"
                    ),
                    "strength": {"sql.table": "probable"}.get(asset["kind"], "exact"),
                    "changed_at": iso(changed),
                    "verified_at": iso(seen.get("verified") or ago(seconds=chance.randrange(4, 28))),
                    "data_time": None,
                    "message": seen.get("message"),
                    "metadata": {},
                }
            elif asset["role"] == "materialized":
                self.status[key] = self._status(key, special.get(key, {}))
        if self.size > 100:
            models = list(self.status)
            self.chosen = chance.sample(models, max(12, len(models) // 30))
            for i, key in enumerate(self.chosen):
                state = ["failed", "held", "refreshing", "stale", "parked", "paused"][i % 6]
                self.status[key] = self._status(
                    key, {"state": state, "late": ago(minutes=11 + i) if i % 6 < 2 else None}
                )

    def _story(self):
        story = {
            "dbt/retail/fct_sales": {
                "health": "failed",
                "changed": local(5, 58),
                "message": "Database Error in model fct_sales: division by zero",
            },
            "warehouse/fct_sales": {
                "version": f"row_count=8412903;max(updated_at)={iso(local(5, 57))}",
                "changed": local(5, 58),
            },
            "warehouse/footfall": {
                "version": "unknown",
                "health": "unknown",
                "changed": ago(hours=26),
                "verified": ago(hours=3),
                "message": "connection timed out after 30 s",
            },
            "powerbi/retail/sales": {
                "state": "held",
                "late": local(7, 30),
                "reason": "upstream_failed",
                "culprit": "dbt/retail/fct_sales",
                "data": local(5, 58),
                "done": local(21, 12, -1),
                "policy": ("07:30", [1, 2, 3, 4, 5], 7200),
                "ratio": 0.96,
                "advice": (
                    "look_upstream",
                    "Mend dbt/retail/fct_sales and run dbt again; Sales follows by itself",
                    "dbt/retail/fct_sales",
                ),
            },
            "powerbi/retail/margin": {
                "state": "failed",
                "late": local(7, 0),
                "reason": "input_changed",
                "input": "warehouse/fct_margin",
                "message": "Column 'unit_cost' in table 'fct_margin' contains blank values",
                "data": local(5, 59),
                "done": local(5, 4),
                "policy": ("07:00", [1, 2, 3, 4, 5], 7200),
                "ratio": 0.91,
                "next": (local(8, 9), "failed_recently"),
                "advice": ("retry", "Fill unit_cost in fct_margin, or allow blanks; then retry the run", None),
            },
            "powerbi/logistics/tours": {
                "state": "failed",
                "reason": "input_changed",
                "input": "warehouse/tours",
                "message": "no answer to the POST, and the history does not show it",
                "data": ago(minutes=38),
                "done": ago(hours=5),
                "policy": (None, [1, 2, 3, 4, 5, 6, 7], 6 * 3600),
                "ratio": 0.99,
                "advice": ("resolve", "Say which of Power BI's refreshes is ours, or that there is none", None),
            },
            "powerbi/finance/ledger": {
                "state": "refreshing",
                "reason": "input_changed",
                "input": "warehouse/gl_postings",
                "data": local(4, 40),
                "done": local(4, 41),
                "policy": ("08:00", [1, 2, 3, 4, 5], 10800),
                "ratio": 0.98,
                "risk": (local(8, 0), 540, "is expected at 08:09: its second attempt began at 07:33 and takes 36 min"),
                "advice": ("wait", "Nothing to do yet; the second attempt is running", None),
            },
            "powerbi/retail/forecast": {
                "state": "parked",
                "reason": "input_changed",
                "input": "warehouse/fct_stock",
                "data": ago(minutes=25),
                "done": ago(hours=2, minutes=5),
                "parked": local(7, 52),
                "policy": (None, [1, 2, 3, 4, 5, 6, 7], 4 * 3600),
                "ratio": 1.0,
                "next": (local(7, 52), "throttled"),
                "advice": ("wait", "Nothing to do; it goes on at 07:52 by itself", None),
            },
            "powerbi/retail/campaigns": {
                "state": "stale",
                "reason": "input_changed",
                "input": "warehouse/fct_campaign",
                "data": ago(minutes=1, seconds=20),
                "done": ago(hours=3),
                "policy": (None, [1, 2, 3, 4, 5], 6 * 3600),
                "ratio": 1.0,
                "next": (ago(seconds=-40), "quiet_period"),
                "advice": ("wait", "Nothing to do; it begins when nothing has moved for 2 min", None),
            },
            "powerbi/people/headcount": {
                "state": "paused",
                "reason": "input_changed",
                "input": "warehouse/headcount",
                "data": ago(hours=18),
                "done": ago(days=2),
                "advice": ("resume", "Resume it when the payroll run is over", None),
            },
            "powerbi/stores/footfall": {
                "state": "stale",
                "reason": "input_unverifiable",
                "input": "warehouse/footfall",
                "data": ago(hours=3),
                "done": ago(hours=3),
                "policy": (None, [1, 2, 3, 4, 5, 6, 7], 12 * 3600),
                "ratio": 0.88,
                "next": (ago(minutes=-22), "unknown_recently"),
                "advice": ("look_upstream", "Look at why warehouse/footfall does not answer", "warehouse/footfall"),
            },
            "powerbi/retail/inventory": {
                "policy": ("07:30", [1, 2, 3, 4, 5], 7200),
                "ratio": 1.0,
                "done": local(6, 12),
            },
            "powerbi/retail/customers": {
                "policy": (None, [1, 2, 3, 4, 5, 6, 7], 24 * 3600),
                "ratio": 1.0,
                "done": local(21, 12, -1),
            },
            "powerbi/finance/budget": {"done": ago(days=9)},
        }
        return story

    def inputs(self, key):
        reads = [(a, part) for part, above in self.parts[key].items() for a in above]
        named = {a for a, _ in reads}
        for dep in self.deps[key]:
            if self.assets[dep]["role"] != "branch" and dep not in named:
                reads.append((dep, None))
        return reads

    def _evidence(self, key, moved=None, unknown=None, failed=None):
        rows = []
        for other, part in self.inputs(key):
            seen = self.observed.get(other)
            now = seen["version"] if seen else f"run {fingerprint(other)[:8]}"
            row = {
                "input": other,
                "part": part,
                "then": now,
                "now": now,
                "comparison": "same",
                "health": seen["health"] if seen else "ok",
                "signal": seen["signal"] if seen else "materialization",
                "strength": seen["strength"] if seen else "exact",
                "observed_at": seen["verified_at"] if seen else iso(ago(hours=1)),
                "message": seen["message"] if seen else None,
            }
            if other == moved:
                rows_then = self.random.randrange(20_000, 4_000_000)
                row |= {"then": f"row_count={rows_then};max(updated_at)={iso(ago(hours=3))}", "comparison": "changed"}
            if other == unknown:
                row |= {"now": "unknown", "comparison": "unknown"}
            if failed and failed in self.upstream(other) | {other}:
                row |= {
                    "health": "failed",
                    "comparison": "changed",
                    "then": "row_count=8396120;max(updated_at)=2026-05-03T18:58:11Z",
                    "message": self.observed[failed]["message"],
                }
            rows.append(row)
        return rows

    def _status(self, key, given):
        asset, chance = self.assets[key], self.random
        state = given.get("state", "up_to_date")
        names = [a for a, _ in self.inputs(key)]
        reason = given.get("reason") or {"up_to_date": "up_to_date", "held": "upstream_failed"}.get(
            state, "input_changed"
        )
        if key == "powerbi/retail/customers" or (
            reason == "up_to_date" and any(self.assets[d]["role"] == "branch" for d in asset["deps"])
        ):
            reason = "not_selected" if any(self.assets[d]["role"] == "branch" for d in asset["deps"]) else "up_to_date"
        moved = given.get("input") or (names[0] if names else None)
        culprit = given.get("culprit") or (names[0] if reason == "upstream_failed" and names else None)
        evidence = self._evidence(
            key,
            moved if reason == "input_changed" else None,
            moved if reason == "input_unverifiable" else None,
            culprit if reason == "upstream_failed" and culprit in self.observed else None,
        )
        count = len(names)
        inputs = "its 1 input" if count == 1 else f"its {count} inputs"
        why = {
            "up_to_date": f"nothing changed in {inputs}",
            "upstream_failed": f"{culprit} failed",
            "input_changed": f"{moved} changed",
            "input_unverifiable": f"{moved} could not be verified",
            "not_selected": f"nothing changed in {inputs}, so {asset['deps'][0] if asset['deps'] else ''} did not choose it",
        }[reason]
        clock = given.get("parked")
        sentence = {
            "held": f"is held: {why}",
            "failed": f"failed: {given.get('message', 'the capacity is paused')}",
            "refreshing": "is being refreshed",
            "parked": (
                f"is waiting: throttled by Power BI until {clock.astimezone(BERLIN):%H:%M}"
                if clock
                else "is waiting: throttled by Power BI until 07:52"
            ),
            "stale": f"is stale: {why}",
            "paused": f"is paused: {why}",
            "up_to_date": f"is up to date: {why}",
        }[state]
        outcome = "hold" if state == "held" else "skip" if reason in ("up_to_date", "not_selected") else "run"
        late = given.get("late")
        policy = given.get("policy") or ((None, [1, 2, 3, 4, 5, 6, 7], 24 * 3600) if chance.random() < 0.7 else None)
        data = given.get("data") or ago(seconds=chance.randrange(5, 40))
        done = given.get("done") or ago(minutes=chance.randrange(30, 900))
        p50 = {"powerbi/finance/ledger": 2160.0, "powerbi/retail/sales": 412.0, "powerbi/retail/margin": 305.0}.get(
            key
        ) or float(chance.randrange(45, 900))
        freshness = None
        if policy:
            freshness = (
                {"state": "late", "since": iso(late)}
                if late
                else {"state": "fresh", "until": iso(self._until(policy, data))}
            )
        row = {
            "asset": key,
            "kind": asset["kind"],
            "state": state,
            "outcome": outcome,
            "reason": reason,
            "sentence": sentence,
            "evidence": evidence,
            "freshness": freshness,
            "data_time": iso(data),
            "last_materialized": iso(done),
            "last_changed": iso(ago(minutes=chance.randrange(3, 300))),
            "last_verified": iso(ago(seconds=chance.randrange(4, 30))),
            "next_run_at": iso(given["next"][0]) if "next" in given else None,
            "next_run_delay": given["next"][1] if "next" in given else None,
            "parked_until": iso(clock),
            "group": asset["group"],
            "owners": asset["owners"],
            "tags": asset["tags"],
            "description": asset["description"],
            "workspace": key.split("/")[1].capitalize(),
            "freshness_policy": self._policy(policy),
            "waits_for": self._waits(key, culprit if state == "held" else None),
            "culprit": culprit if state == "held" else moved if reason == "input_unverifiable" else None,
            "advice": {"code": "none", "text": "", "asset": None, "run": None, "operation": None},
            "risk": None,
            "run": None,
            "recent": [],
            "p50_seconds": p50,
        }
        if outcome == "run":
            row["causes"] = [
                {
                    "cause": reason,
                    "text": why,
                    "input": moved,
                    "part": next((p for a, p in self.inputs(key) if a == moved), None),
                }
            ]
            part = row["causes"][0]["part"]
            if part:
                row["parts"] = [part]
        if "advice" in given:
            code, text, about = given["advice"]
            row["advice"] |= {"code": code, "text": text, "asset": about}
        elif state != "up_to_date":
            code = {
                "held": "look_upstream",
                "failed": "retry",
                "stale": "wait",
                "refreshing": "wait",
                "parked": "wait",
                "paused": "resume",
            }[state]
            row["advice"] |= {
                "code": code,
                "text": {
                    "look_upstream": f"Mend {culprit}",
                    "retry": "Retry the run",
                    "wait": "Nothing to do yet",
                    "resume": "Resume it",
                }[code],
                "asset": culprit if state == "held" else None,
            }
        if "risk" in given:
            at, by, text = given["risk"]
            row["risk"] = {"at": iso(at), "late_by_seconds": by, "sentence": text}
        return row

    def _until(self, policy, data):
        by, days, age = policy
        if not by:
            return data + timedelta(seconds=age)
        hour, minute = map(int, by.split(":"))
        moment = local(hour, minute)
        while moment <= NOW or moment.astimezone(BERLIN).isoweekday() not in days:
            moment += timedelta(days=1)
        return moment

    def _policy(self, policy):
        if not policy:
            return None
        by, days, age = policy
        hours = f"{age // 3600} h"
        on = "on weekdays" if days == [1, 2, 3, 4, 5] else "daily"
        text = f"by {by} {on}, at most {hours} old" if by else f"at most {hours} old"
        return {
            "by": by,
            "on": days,
            "timezone": "Europe/Berlin",
            "max_data_age_seconds": age,
            "text": text,
            "next_deadline": iso(self._until(policy, NOW)) if by else None,
        }

    def _waits(self, key, culprit):
        if not culprit:
            return []
        return [k for k in self.path(culprit, key)[1] if k != key][::-1]

    # MARK: The graph

    def upstream(self, key, depth=999):
        return self._reach(key, self.deps, depth)

    def _reach(self, key, following, depth=999):
        found, edge = set(), {key}
        while edge and depth:
            edge = {m for n in edge for m in following[n]} - found
            found |= edge
            depth -= 1
        return found

    def path(self, start, end):
        on = (self._reach(start, self.downstream) | {start}) & (self.upstream(end) | {end})
        if start not in on or end not in on:
            return [], []
        edge, back = [start], {start: None}
        while edge and end not in back:
            following = []
            for n in edge:
                for m in self.downstream[n]:
                    if m not in back:
                        back[m] = n
                        following.append(m)
            edge = following
        shortest, n = [], end
        while n:
            shortest.append(n)
            n = back[n]
        return [k for k in self.assets if k in on], shortest[::-1]

    def state(self, key):
        asset = self.assets[key]
        if asset["role"] == "branch":
            return "branch", False, "chooses what is behind it"
        if key in self.status:
            row = self.status[key]
            return row["state"], (row["freshness"] or {}).get("state") == "late", row["sentence"]
        seen = self.observed[key]
        word = "failed" if seen["health"] == "failed" else "unknown" if seen["version"] == "unknown" else "seen"
        text = {"failed": f"failed: {seen['message']}", "unknown": f"could not be verified: {seen['message']}"}.get(
            word, f"is {seen['version']}"
        )
        return word, False, text

    def neighbour(self, key, parts=()):
        state, late, sentence = self.state(key)
        asset = self.assets[key]
        return {
            "asset": key,
            "kind": asset["kind"],
            "role": asset["role"],
            "state": state,
            "late": late,
            "sentence": sentence,
            "parts": list(parts),
        }

    def select(self, text):
        """A small part of the selection language: keys, wildcards, kind:, group:, +x, x+."""
        import fnmatch
        import re

        text = (text or "*").strip()
        if " or " in text:
            return list(dict.fromkeys(k for piece in text.split(" or ") for k in self.select(piece)))
        match = re.fullmatch(r"(\d*\+)?(.+?)(\+\d*)?", text)
        up, core, down = match.groups()
        core = core.removeprefix("key:").strip("\"'")
        if core.startswith("kind:"):
            base = [k for k, a in self.assets.items() if core[5:] in (a["kind"], a["kind"].split(".")[0])]
        elif core.startswith(("group:", "owner:", "tag:")):
            word, value = core.split(":", 1)
            base = [
                k
                for k, a in self.assets.items()
                if (word == "group" and a["group"] == value)
                or (word == "owner" and value in a["owners"])
                or (word == "tag" and value.split("=")[0] in a["tags"])
            ]
        elif "*" in core:
            base = [k for k in self.assets if fnmatch.fnmatch(k, core)]
        elif core in self.assets:
            base = [core]
        else:
            raise KeyError(core)
        found = set(base)
        for k in base:
            if up:
                found |= self.upstream(k, int(up[:-1] or 999))
            if down:
                found |= self._reach(k, self.downstream, int(down[1:] or 999))
        return [k for k in self.assets if k in found]

    def scope(self, query):
        keys = list(self.assets)
        if query.get("selection"):
            keys = self.select(query["selection"])
        focus = query.get("focus")
        if focus:
            near = (
                self.upstream(focus, int(query.get("up", 2)))
                | self._reach(focus, self.downstream, int(query.get("down", 2)))
                | {focus}
            )
            keys = [k for k in keys if k in near]
        by = query.get("by") or "group"
        name = {
            "none": lambda k: "",
            "group": lambda k: self.assets[k]["group"] or "",
            "kind": lambda k: self.assets[k]["kind"],
            "workspace": lambda k: k.split("/")[1] if k.startswith("powerbi") else k.split("/")[0],
        }[by]
        groups = {k: name(k) for k in keys}
        expand = query.get("expand")
        if expand is None:
            is_open = lambda g: len(keys) <= 300
        elif expand == "*":
            is_open = lambda g: True
        else:
            wanted = set(expand.split(","))
            is_open = lambda g: g in wanted
        ids = {k: k if by == "none" or is_open(groups[k]) else f"group:{groups[k]}" for k in keys}
        return keys, groups, ids, by

    def depths(self):
        if not hasattr(self, "_depths"):
            self._depths = {}
            for key in self.assets:  # in graph order
                self._depths[key] = 1 + max((self._depths.get(d, 0) for d in self.deps[key]), default=0)
        return self._depths

    def layout(self, query):
        keys, groups, ids, by = self.scope(query)
        members = {}
        for k in keys:
            members.setdefault(ids[k], []).append(k)
        kept = set(keys)
        edges = {}
        for k in keys:
            for d in self.deps[k]:
                if d in kept and ids[d] != ids[k]:
                    edges.setdefault((ids[d], ids[k]), set()).update(
                        p for p, reads in self.parts[k].items() if d in reads
                    )
        lanes = by != "none" and len(members) > 60
        depth = self.depths()
        folded_only = len(members) > 6 and all(i.startswith("group:") for i in members)
        if folded_only:
            order = sorted(members, key=lambda i: (sum(depth[k] for k in members[i]) / len(members[i]), i))
        placed, routes, boxes, (width, height) = (
            compact(order, list(edges))
            if folded_only
            else layered({i: groups[m[0]] for i, m in members.items()}, list(edges), lanes)
        )
        nodes = []
        for i, group in members.items():
            layer, x, y = placed[i]
            folded = i.startswith("group:")
            asset = None if folded else self.assets[i]
            nodes.append(
                {
                    "id": i,
                    "asset": None if folded else i,
                    "label": i[6:] if folded else i.rsplit("/", 1)[1],
                    "kind": "group" if folded else asset["kind"],
                    "role": "group" if folded else asset["role"],
                    "group": groups[group[0]] or None,
                    "count": len(group),
                    "layer": layer,
                    "x": x,
                    "y": round(y, 1),
                    "width": WIDTH,
                    "height": HEIGHT,
                }
            )
        sizes = {}
        for k in keys:
            sizes[groups[k]] = sizes.get(groups[k], 0) + 1
        shapes = [
            {
                "group": g,
                "label": g,
                "collapsed": False,
                "count": sizes[g],
                "x": b[0],
                "y": b[1],
                "width": b[2],
                "height": b[3],
            }
            for g, b in boxes.items()
            if f"group:{g}" not in members
        ]
        return {
            "schema": "freshet.lineage_layout/1",
            "graph_hash": self.graph_hash,
            "nodes": nodes,
            "edges": [{"from": a, "to": b, "parts": sorted(edges[a, b]), "points": routes[a, b]} for a, b in edges],
            "groups": shapes,
            "layers": max((n["layer"] for n in nodes), default=0) + 1,
            "width": width,
            "height": round(height, 1),
            "assets": len(keys),
            "total": len(self.assets),
            "all_groups": sizes,
        }

    def layout_states(self, query):
        keys, _, ids, _ = self.scope(query)
        members = {}
        for k in keys:
            members.setdefault(ids[k], []).append(k)
        rank = ["failed", "held", "unknown", "refreshing", "parked", "stale", "paused", "up_to_date", "seen", "branch"]
        rows = []
        for i, group in members.items():
            found = [self.state(k) for k in group]
            worst = min(found, key=lambda s: rank.index(s[0]))
            row = {"id": i, "state": worst[0], "late": any(s[1] for s in found), "sentence": worst[2]}
            if i.startswith("group:"):
                counts = {}
                for s in found:
                    counts[s[0]] = counts.get(s[0], 0) + 1
                row |= {
                    "states": counts,
                    "sentence": ", ".join(f"{n} {w.replace('_', ' ')}" for w, n in counts.items()),
                }
            elif i in self.status:
                row |= {"changed_at": self.status[i]["last_changed"], "duration_seconds": self.status[i]["p50_seconds"]}
            elif i in self.observed:
                row |= {"changed_at": self.observed[i]["changed_at"]}
            rows.append(row)
        return {
            "schema": "freshet.lineage_states/1",
            "at": iso(NOW),
            "sequence": self.sequence,
            "graph_hash": self.graph_hash,
            "states": rows,
        }
