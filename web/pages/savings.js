import { h } from "../lib/dom.js";
import { duration } from "../lib/time.js";
import * as words from "../lib/words.js";
import { assetLink } from "../parts/badge.js";
import { bars } from "../parts/chart.js";
import { segmented, table } from "../parts/table.js";

export const title = () => "Savings";
export const load = (ctx) => ctx.get("/savings", { days: ctx.query.days ?? 30, by: ctx.query.by ?? "asset" });

// Whole seconds that have passed, as the sentence above counts them.
const hours = (seconds) =>
  seconds === null
    ? "–"
    : seconds < 36_000
      ? duration(Math.floor(seconds))
      : `${words.count(Math.round(seconds / 3600))} h`;

export function view(ctx, data) {
  const t = data.totals,
    by = ctx.query.by ?? "asset",
    share = t.avoided / Math.max(1, t.avoided + t.refreshed);
  return [
    h(
      "header",
      { class: "page-head" },
      h("div", {}, h("h1", {}, "Savings"), h("p", { class: "sub" }, words.sentence(data.sentence))),
      h(
        "div",
        { class: "actions" },
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
    ),
    t.avoided + t.refreshed === 0 && h("div", { class: "empty" }, "Figures stand here once something was asked for."),
    t.avoided + t.refreshed > 0 && [
      h(
        "div",
        { class: "figures wide hero" },
        [
          [words.percent(share), "of refreshes not needed"],
          [words.count(t.avoided), "refreshes not made"],
          [hours(t.avoided_seconds), "of refreshing not done"],
          [words.count(t.refreshed), "refreshes made"],
          [words.count(t.tables_avoided), "tables left out of them"],
          [words.count(t.wasted), "made for nothing new"],
        ].map(([v, says]) => h("div", {}, h("b", {}, v), h("span", {}, says))),
      ),
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "By day"),
        h(
          "ul",
          { class: "legend" },
          h("li", {}, h("i", { class: "seg is-avoided" }), "not made"),
          h("li", {}, h("i", { class: "seg is-refreshed" }), "made"),
        ),
        bars(
          data.days.map((d) => ({
            label: d.date,
            title: `${d.date}: ${d.avoided} not made, ${d.refreshed} made`,
            parts: [
              ["refreshed", d.refreshed],
              ["avoided", d.avoided],
            ],
          })),
          {
            label: "Refreshes by day",
            height: 130,
            ticks: [data.days[0].date, data.days[Math.floor(data.days.length / 2)].date, data.days.at(-1).date],
          },
        ),
      ),
      h(
        "div",
        { class: "section-row" },
        h("h2", { class: "section" }, "Where"),
        segmented(
          "by",
          "By",
          [
            ["asset", "Model"],
            ["team", "Team"],
          ],
          by,
        ),
      ),
      table(
        [
          {
            id: "name",
            head: { asset: "Model", team: "Team" }[by],
            class: "c-asset",
            cell: (r) => (r.asset ? assetLink(r.asset) : r.name.replace(/^team:/, "")),
          },
          {
            id: "bar",
            head: "Not made",
            class: "c-share",
            cell: (r) => {
              const s = r.avoided / Math.max(1, r.avoided + r.refreshed);
              return h(
                "span",
                { class: "share" },
                h(
                  "span",
                  { class: "meter is-fresh", role: "img", "aria-label": words.percent(s) },
                  h("i", { vars: { share: `${s * 100}%` } }),
                ),
                words.percent(s),
              );
            },
          },
          { id: "avoided", head: "Refreshes not made", class: "num", cell: (r) => words.count(r.avoided) },
          { id: "refreshed", head: "Made", class: "num", cell: (r) => words.count(r.refreshed) },
          { id: "hours", head: "Time not spent", class: "num", cell: (r) => hours(r.avoided_seconds) },
          { id: "wasted", head: "Made for nothing new", class: "num", cell: (r) => words.count(r.wasted) },
          { id: "late", head: "Stale before", class: "num", cell: (r) => hours(r.late_seconds) },
          { id: "tables", head: "Tables left out", class: "num", cell: (r) => words.count(r.tables_avoided) },
        ],
        data.rows.slice(0, 300),
        { caption: "Savings", key: (r) => r.name, href: (r) => (r.asset ? `/assets/${r.asset}` : null) },
      ),
    ],
  ];
}
