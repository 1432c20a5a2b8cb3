// The tabs of an asset beside its timeline.

import { h } from "../lib/dom.js";
import { link } from "../lib/router.js";
import { at, duration } from "../lib/time.js";
import * as words from "../lib/words.js";
import { assetLink, badge, pill, runLink } from "./badge.js";
import { durations } from "./chart.js";
import { difference } from "./evidence.js";
import { icon } from "./icon.js";
import { pager, segmented, table } from "./table.js";

export function performance(ctx, data) {
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

export function versions(ctx, data) {
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

export function definition(ctx, data) {
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

export function neighbours(ctx, data) {
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
    link(`/lineage?focus=${data.asset.asset}`, { class: "button alone" }, icon("lineage"), "As a graph"),
  ];
}
