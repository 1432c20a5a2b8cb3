import { segment } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import { ago, at, clock, dayKey, dayName, duration, full, now, relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { pause } from "../parts/actions.js";
import { assetLink, badge, linked, owner, pill, runLink } from "../parts/badge.js";
import { durations } from "../parts/chart.js";
import { difference, evidence } from "../parts/evidence.js";
import { icon, shape } from "../parts/icon.js";
import { facts, pager, segmented, table } from "../parts/table.js";

export const title = (ctx) => words.name(ctx.params.asset);
export const topics = (ctx) => [`asset:${ctx.params.asset}`, "board"];

const TABS = {
  timeline: "Timeline",
  performance: "Performance",
  versions: "Versions",
  definition: "Definition",
  neighbours: "Neighbours",
};

export async function load(ctx) {
  const path = `/assets/${segment(ctx.params.asset)}`,
    tab = ctx.query.tab ?? "timeline";
  const detail = ctx.get(path);
  const more = {
    timeline: () => ctx.get(`${path}/timeline`, { limit: 40, cursor: ctx.query.cursor, entry: ctx.query.entry }),
    performance: () => ctx.get(`${path}/performance`, { days: ctx.query.days ?? 30 }),
    versions: () => ctx.get(`${path}/versions`, { limit: 30, cursor: ctx.query.cursor }),
    definition: () => ctx.get(`${path}/definition`),
  }[tab];
  const [asset, part] = await Promise.all([detail, more?.()]);
  return { ...asset, tab, part };
}

export function view(ctx, data) {
  const { asset, status, tab } = data,
    key = asset.asset;
  const isWork = asset.role === "materialized";
  const tabs = Object.entries(TABS).filter(([id]) => isWork || !["performance", "versions"].includes(id));
  return [
    h(
      "nav",
      { class: "crumbs", "aria-label": "Where" },
      link("/assets", {}, "Assets"),
      words
        .folder(key)
        .split("/")
        .filter(Boolean)
        .map((p, i, all) => [
          h("span", { "aria-hidden": "true" }, "/"),
          link(`/assets?selection=${encodeURIComponent(`${all.slice(0, i + 1).join("/")}/*`)}`, {}, p),
        ]),
    ),
    h(
      "header",
      { class: "page-head asset-head" },
      h(
        "div",
        {},
        h("h1", {}, words.name(key), badge(data.state, { late: data.late })),
        h("p", { class: "sub" }, words.kind(asset.kind), asset.description && [" · ", asset.description]),
      ),
      h(
        "div",
        { class: "actions" },
        link(`/lineage?focus=${key}&up=3&down=2`, { class: "button" }, icon("lineage"), "Lineage"),
        isWork &&
          ctx.can("operator") &&
          h(
            "button",
            { class: "button", onclick: () => pause(ctx, { asset: key, paused: !data.paused }) },
            icon(data.paused ? "launch" : "pause"),
            data.paused ? "Resume" : "Pause",
          ),
        isWork &&
          ctx.can("operator") &&
          link(`/launch?selection=${key}`, { class: "button primary" }, icon("launch"), "Refresh …"),
      ),
    ),
    h(
      "div",
      { class: `statement is-${data.late ? "late" : data.state}` },
      shape(data.late ? "late" : data.state, 14),
      h(
        "div",
        {},
        h(
          "p",
          {},
          h("b", {}, words.name(key)),
          " ",
          linked(data.sentence, [status?.culprit, ...data.upstream.map((u) => u.asset)]),
          ".",
        ),
        status?.freshness?.state === "late" &&
          h(
            "p",
            { class: "muted" },
            "Late since ",
            at(status.freshness.since),
            `: promised ${status.freshness_policy.text}, and its data is of `,
            at(status.data_time),
            ".",
          ),
        status?.risk && h("p", { class: "risk" }, icon("warning"), status.risk.sentence),
        status?.advice.text &&
          h(
            "p",
            { class: "todo" },
            icon("arrow"),
            h("span", {}, linked(status.advice.text, [status.advice.asset, status.culprit]), "."),
          ),
      ),
    ),
    data.remote?.warnings.map((w) => h("p", { class: "notice is-warning" }, icon("warning"), words.sentence(w))),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "main-column" },
        h(
          "div",
          { class: "tabs", role: "tablist", "aria-label": "About this asset", onkeydown: tabKeys },
          tabs.map(([id, name]) =>
            h(
              "button",
              {
                role: "tab",
                id: `tab-${id}`,
                "aria-selected": String(tab === id),
                "aria-controls": "panel",
                tabindex: tab === id ? 0 : -1,
                onclick: () => setQuery({ tab: id === "timeline" ? null : id, cursor: null, entry: null }),
              },
              name,
            ),
          ),
        ),
        h(
          "div",
          { role: "tabpanel", id: "panel", "aria-labelledby": `tab-${tab}` },
          { timeline, performance, versions, definition, neighbours }[tab](ctx, data),
        ),
      ),
      aside(ctx, data),
    ),
  ];
}

function tabKeys(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const all = [...event.currentTarget.querySelectorAll("[role=tab]")],
    to = all[(all.indexOf(event.target) + by + all.length) % all.length];
  event.preventDefault();
  to.click();
  setTimeout(() => document.getElementById(to.id)?.focus(), 60);
}

function aside(ctx, data) {
  const { asset, status, observation: o, performance: p } = data;
  return h(
    "aside",
    { class: "side-column", "aria-label": "Facts" },
    status &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Freshness"),
        status.freshness_policy
          ? freshnessBar(status)
          : h(
              "p",
              { class: "muted small" },
              "Nothing is promised. A ",
              h("code", {}, "freshness"),
              " policy makes it late when its data is too old.",
            ),
        facts([
          ["Data as of", ago(status.data_time)],
          ["Refreshed", ago(status.last_materialized)],
          ["Inputs moved", ago(status.last_changed)],
          ["Looked at", ago(status.last_verified)],
          status.next_run_at && [
            "Next run",
            [relative(status.next_run_at), h("small", {}, ` ${words.delay(status.next_run_delay)}`)],
          ],
          status.on_time_ratio !== null && ["On time this month", words.percent(status.on_time_ratio)],
        ]),
      ),
    o &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Seen"),
        facts([
          ["Version", h("span", { class: "mono version" }, o.version)],
          ["Health", o.health === "ok" ? "ok" : badge(o.health, { quiet: true })],
          ["Signal", `${o.signal}, ${o.strength}`],
          ["Changed", ago(o.changed_at)],
          ["Looked at", ago(o.verified_at)],
          o.message && ["Message", h("span", { class: "bad-text" }, o.message)],
        ]),
      ),
    p.runs > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Last 30 days"),
        h(
          "div",
          { class: "figures" },
          [
            [duration(p.p50_seconds), "p50"],
            [duration(p.p95_seconds), "p95"],
            [words.percent(p.success_ratio), "succeeded"],
            [words.count(p.skips), "skips"],
          ].map(([v, t]) => h("div", {}, h("b", {}, v), h("span", {}, t))),
        ),
      ),
    Object.keys(asset.parts).length > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Tables"),
        h(
          "ul",
          { class: "parts" },
          Object.entries(asset.parts).map(([part, reads]) => {
            const moved = status?.evidence.find((e) => e.part === part);
            return h(
              "li",
              {},
              h(
                "span",
                { class: "mono" },
                shape(
                  moved?.comparison === "changed"
                    ? "stale"
                    : moved?.comparison === "unknown"
                      ? "unknown"
                      : "up_to_date",
                  8,
                ),
                part,
              ),
              h(
                "span",
                {},
                reads.map((r) => assetLink(r)),
              ),
            );
          }),
        ),
      ),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, "About"),
      facts([
        asset.group && ["Group", link(`/assets?group=${asset.group}`, {}, asset.group)],
        asset.owners.length && ["Owner", asset.owners.map(owner)],
        Object.keys(asset.tags).length && [
          "Tags",
          Object.entries(asset.tags).map(([k, v]) => pill(v ? `${k}=${v}` : k)),
        ],
        data.automation && ["Automation", data.automation.text],
        data.freshness_policy && ["Promised", data.freshness_policy.text],
        data.remote && [
          "In " + data.remote.system,
          data.remote.url
            ? h(
                "a",
                { href: data.remote.url, rel: "noreferrer", target: "_blank" },
                `${data.remote.workspace} / ${data.remote.name} `,
                icon("external", "opens elsewhere"),
              )
            : data.remote.name,
        ],
        data.origin && ["Defined in", h("code", {}, `${data.origin.file}:${data.origin.line}`)],
        ["Code version", h("code", {}, asset.code_version)],
      ]),
    ),
  );
}

/** How old the data is against how old it may be. */
function freshnessBar(status) {
  const { freshness: f, freshness_policy: p, data_time: t } = status;
  const end = Date.parse(f?.until ?? f?.since ?? 0),
    start = Date.parse(t),
    share = end > start ? Math.min(1, Math.max(0.02, (now() - start) / (end - start))) : 1;
  const isLate = f?.state === "late";
  return h(
    "div",
    { class: "freshness" },
    h(
      "div",
      { class: "freshness-words" },
      h("b", {}, p.text),
      isLate
        ? h("span", { class: "bad-text" }, `late since ${clock(f.since)}`)
        : f?.until && h("span", { class: "muted" }, `until ${clock(f.until)}`),
    ),
    h(
      "div",
      {
        class: `meter is-${isLate ? "late" : "fresh"}`,
        role: "img",
        "aria-label": isLate
          ? "past its deadline"
          : `${Math.round(share * 100)} percent of the time allowed has passed`,
      },
      h("i", { vars: { share: `${(isLate ? 1 : share) * 100}%` } }),
    ),
  );
}

const ENTRIES = {
  materialized: "Refreshed",
  failed: "Failed",
  running: "Running",
  skipped: "Skipped",
  held: "Held",
  waiting: "Stale",
  cancelled: "Cancelled",
  changed: "Changed",
};

function timeline(ctx, data) {
  const { entries, next } = data.part;
  let last = "";
  return [
    h(
      "div",
      { class: "filters" },
      segmented(
        "entry",
        "Show",
        [
          ["", "Everything"],
          ["materialized,failed,running,held,waiting", "Without skips"],
          ["failed,held", "Trouble"],
        ],
        ctx.query.entry ?? "",
      ),
    ),
    entries.length
      ? h(
          "ol",
          { class: "timeline" },
          entries.map((e, i) => {
            const day = dayKey(e.at),
              head = day !== last && h("li", { class: "day" }, h("h2", {}, dayName(e.at)));
            last = day;
            return [head, entry(e, i === 0 && !ctx.query.cursor && ["held", "failed", "waiting"].includes(e.entry))];
          }),
        )
      : h("div", { class: "empty" }, "Nothing has happened yet."),
    pager(next),
  ];
}

function entry(e, isOpen) {
  const took = h("span", { class: "took num" }, e.duration_seconds !== null && duration(e.duration_seconds));
  const head = [
    h(
      "span",
      { class: "when" },
      h("time", { datetime: e.at, title: full(e.at) }, time(e.at)),
      e.until && e.count > 1 && h("small", {}, ` – ${time(e.until, e.at)}`),
    ),
    h(
      "span",
      { class: "what" },
      h("b", {}, ENTRIES[e.entry]),
      e.count > 1 && pill(e.entry === "skipped" ? `${e.count} checks` : `${e.count} looks`),
      e.parts.length > 0 && e.entry !== "skipped" && pill(`only ${e.parts.join(", ")}`),
    ),
    h(
      "span",
      { class: "sentence" },
      e.failure
        ? h("span", { class: "bad-text" }, e.failure.message)
        : e.entry === "changed"
          ? h("span", { class: "mono version" }, e.version)
          : e.sentence.replace(/^(runs because|is skipped:|is held:|is stale:|is paused:) /, ""),
      e.failure && h("span", { class: "muted" }, " ", e.sentence),
    ),
    took,
  ];
  const body =
    e.entry === "changed"
      ? e.previous_version && h("p", { class: "mono version muted" }, "before: ", e.previous_version)
      : e.evidence.length > 0 && evidence(e.evidence);
  const row = body
    ? h(
        "details",
        { open: isOpen },
        h("summary", {}, head),
        h(
          "div",
          { class: "entry-body" },
          body,
          e.version &&
            e.entry === "materialized" &&
            h("p", { class: "muted small" }, "New version ", h("code", {}, e.version)),
        ),
      )
    : h("div", { class: "entry-row" }, head);
  return h(
    "li",
    { class: `entry is-${e.entry}`, "data-key": `e${e.sequence}` },
    h(
      "span",
      { class: "rail" },
      shape(
        { materialized: "up_to_date", waiting: "stale", running: "refreshing", changed: "seen" }[e.entry] ?? e.entry,
        e.entry === "skipped" ? 8 : 11,
      ),
    ),
    row,
    h("span", { class: "entry-run" }, e.run && runLink(e.run)),
  );
}

/** The time alone, as the day stands above; with the day where it is another. */
function time(text, from = text) {
  const shown = clock(text);
  return dayKey(text) === dayKey(from) ? shown.slice(-5) : shown;
}

function performance(ctx, data) {
  const p = data.part.performance;
  const slow = p.samples.filter((x) => x.slow).length;
  return [
    h(
      "div",
      { class: "filters" },
      segmented(
        "days",
        "How far back",
        [
          ["7", "7 days"],
          ["30", "30 days"],
          ["90", "90 days"],
        ],
        ctx.query.days ?? "30",
      ),
    ),
    h(
      "div",
      { class: "figures wide" },
      [
        [duration(p.p50_seconds), "median duration"],
        [duration(p.p95_seconds), "95th percentile"],
        [words.percent(p.success_ratio), `${p.succeeded} of ${p.runs} succeeded`],
        [duration(p.queue_p50_seconds), "median wait in queue"],
        [words.count(p.skips), "skips: nothing had changed"],
      ].map(([v, t]) => h("div", {}, h("b", {}, v), h("span", {}, t))),
    ),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, "Duration of each refresh"),
      durations(p),
      slow > 0 &&
        h(
          "p",
          { class: "muted small" },
          `${words.plural(slow, "refresh", "refreshes")} took more than 1.5 times the 95th percentile.`,
        ),
    ),
    table(
      [
        { id: "at", head: "Ended", cell: (r) => at(r.at) },
        { id: "status", head: "Status", cell: (r) => badge(r.status, { quiet: r.status === "succeeded" }) },
        { id: "took", head: "Took", class: "num", cell: (r) => duration(r.duration_seconds) },
        { id: "queued", head: "Queued", class: "num", cell: (r) => duration(r.queued_seconds) },
        { id: "parts", head: "Tables", cell: (r) => r.parts.join(", ") || "everything" },
        { id: "run", head: "Run", cell: (r) => runLink(r.run) },
      ],
      [...p.samples].reverse().slice(0, 20),
      { caption: "The same as a table", href: (r) => `/runs/${r.run}` },
    ),
  ];
}

function versions(ctx, data) {
  const { versions: rows, next } = data.part;
  if (!rows.length) return h("div", { class: "empty" }, "It has never been refreshed.");
  const inputs = rows[0].inputs;
  return [
    h(
      "p",
      { class: "muted" },
      "What each success consumed. What differs from the success before is marked; that is why it ran.",
    ),
    table(
      [
        { id: "at", head: "Refreshed", cell: (r) => at(r.at) },
        {
          id: "version",
          head: "Version",
          class: "mono",
          cell: (r) => h("span", { title: r.version }, r.version.slice(0, 8)),
        },
        ...inputs.map((i, n) => ({
          id: `i${n}`,
          head: i.part ?? words.name(i.input),
          class: "mono version",
          cell: (r) => {
            const x = r.inputs[n];
            if (!x?.version) return h("span", { class: "muted" }, "unknown");
            const before = rows[rows.indexOf(r) + 1]?.inputs[n]?.version;
            return difference(x.changed ? before : x.version, x.version);
          },
        })),
        { id: "extent", head: "Refreshed only", cell: (r) => r.extent.join(", ") || "everything" },
        { id: "run", head: "Run", cell: (r) => runLink(r.run) },
      ],
      rows,
      { caption: "Versions" },
    ),
    pager(next),
  ];
}

function definition(ctx, data) {
  return [
    h(
      "p",
      { class: "muted" },
      "What is in effect, and where each value comes from. The same as ",
      h("code", {}, `freshet config show ${data.asset.asset} --origin`),
      ".",
    ),
    table(
      [
        { id: "path", head: "Setting", class: "mono version", cell: (r) => r.path },
        { id: "value", head: "Value", class: "mono version", cell: (r) => r.value },
        { id: "layer", head: "Layer", cell: (r) => pill(r.layer, `layer-${r.layer.replace(" ", "-")}`) },
        {
          id: "from",
          head: "From",
          class: "mono",
          cell: (r) => (r.file ? `${r.file}:${r.line}` : h("span", { class: "muted" }, "–")),
        },
      ],
      data.part.settings,
      { caption: "Effective settings", key: (r) => r.path },
    ),
  ];
}

function neighbours(ctx, data) {
  const list = (rows, name) =>
    h(
      "section",
      {},
      h("h2", { class: "section" }, name, h("span", { class: "n" }, rows.length)),
      table(
        [
          { id: "asset", head: "Asset", cell: (r) => assetLink(r.asset, { kind: r.kind }) },
          {
            id: "state",
            head: "State",
            cell: (r) => badge(r.state, { late: r.late, quiet: ["seen", "up_to_date", "branch"].includes(r.state) }),
          },
          { id: "why", head: "Why", cell: (r) => r.sentence },
          { id: "parts", head: "Read by", cell: (r) => r.parts.join(", ") || "–" },
        ],
        rows,
        { caption: name, href: (r) => `/assets/${r.asset}`, empty: "None." },
      ),
    );
  return [
    list(data.upstream, "Reads"),
    list(data.downstream, "Is read by"),
    link(`/lineage?focus=${data.asset.asset}`, { class: "button" }, icon("lineage"), "As a graph"),
  ];
}
