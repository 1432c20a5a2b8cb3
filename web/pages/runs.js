import { h } from "../lib/dom.js";
import { at, clock, duration, now, relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { assetLink, badge, runLink } from "../parts/badge.js";
import { bars } from "../parts/chart.js";
import { pager, segmented, select, table } from "../parts/table.js";

export const title = () => "Runs";
export const topics = () => ["runs"];
export const load = (ctx) => ctx.get("/runs", { limit: 50, ...ctx.query });

export function view(ctx, data) {
  const q = ctx.query;
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Runs"),
        h("p", { class: "sub" }, q.asset ? ["Of ", assetLink(q.asset)] : "What was begun, why, and how it ended"),
      ),
    ),
    data.hours.length > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Last 48 hours"),
        bars(
          data.hours.map((x) => ({
            label: clock(x.from),
            title: `${clock(x.from)}: ${x.succeeded} succeeded, ${x.failed} failed, ${x.running} running`,
            parts: [
              ["succeeded", x.succeeded],
              ["cancelled", x.cancelled],
              ["failed", x.failed],
              ["running", x.running],
            ],
          })),
          {
            label: "Runs per hour",
            ticks: [data.hours[0], data.hours[12], data.hours[24], data.hours[36], data.hours[47]].map((x) =>
              clock(x.from),
            ),
          },
        ),
      ),
    h(
      "div",
      { class: "filters" },
      segmented(
        "status",
        "Status",
        [
          ["", "All"],
          ["running", "Running"],
          ["failed", "Failed"],
          ["succeeded", "Succeeded"],
          ["cancelled", "Cancelled"],
        ],
        q.status ?? "",
      ),
      select("trigger", "Began", Object.entries(words.TRIGGERS), q.trigger),
    ),
    data.waiting.length > 0 &&
      !q.status &&
      h(
        "section",
        { class: "waiting", "aria-label": "Waits to begin" },
        alike(data.waiting).map(([t, count]) =>
          h(
            "div",
            {},
            badge("waiting"),
            h(
              "span",
              {},
              t.assets.map((a) => assetLink(a)),
            ),
            h("span", { class: "grow muted" }, words.sentence(t.sentence), count > 1 && ` Asked for ${count} times.`),
            h("span", { class: "muted" }, "begins ", relative(t.due_at)),
          ),
        ),
      ),
    table(
      [
        { id: "run", head: "Run", cell: (r) => runLink(r.id) },
        {
          id: "status",
          head: "Status",
          class: "c-state",
          cell: (r) => badge(r.status, { quiet: r.status === "succeeded" }),
        },
        {
          id: "assets",
          head: "Assets",
          class: "c-asset",
          cell: (r) => [
            r.assets.slice(0, 2).map((a) => h("div", {}, assetLink(a))),
            r.assets.length > 2 && h("span", { class: "muted" }, `and ${r.assets.length - 2} more`),
          ],
        },
        {
          id: "why",
          head: "Why",
          class: "c-why",
          cell: (r) => h("span", { class: "why clip" }, r.sentence.replace(/^because /, "")),
        },
        {
          id: "trigger",
          head: "Began by",
          cell: (r) => [
            words.trigger(r.trigger),
            r.actor !== "engine" && h("small", {}, ` ${r.actor.replace(/^user:/, "")}`),
          ],
        },
        { id: "began", head: "Began", class: "c-time", cell: (r) => h("span", {}, at(r.created_at)) },
        { id: "took", head: "Took", class: "num", cell: (r) => progress(r) },
      ],
      data.runs,
      {
        key: (r) => r.id,
        href: (r) => `/runs/${r.id}`,
        caption: "Runs",
        empty: q.status || q.trigger || q.asset ? "No run fits." : "Nothing has run yet.",
        rowHead: true,
      },
    ),
    pager(data.next),
  ];
}

function progress(run) {
  if (run.ended_at) return duration(run.duration_seconds);
  const spent = (now() - Date.parse(run.created_at)) / 1000,
    share = run.estimated_seconds ? Math.min(0.97, spent / run.estimated_seconds) : 0;
  return h(
    "span",
    { class: "progress" },
    duration(spent),
    h(
      "span",
      {
        class: "meter is-refreshing",
        role: "img",
        "aria-label": `${Math.round(share * 100)} percent of the usual time`,
      },
      h("i", { vars: { share: `${share * 100}%` } }),
    ),
  );
}

/** Requests for the same at the same time, each kind once, with how often it was made. */
function alike(waiting) {
  const kinds = new Map();
  for (const t of waiting) {
    const key = JSON.stringify([t.assets, t.sentence, t.due_at]);
    kinds.set(key, [t, (kinds.get(key)?.[1] ?? 0) + 1]);
  }
  return [...kinds.values()];
}
