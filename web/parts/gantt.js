import { h } from "../lib/dom.js";
import { link } from "../lib/router.js";
import { clock, duration, now } from "../lib/time.js";
import * as words from "../lib/words.js";
import { badge } from "./badge.js";

const ORDER = [
  "queued",
  "preflight",
  "posting",
  "remote",
  "working",
  "reconciling",
  "verifying",
  "retry_wait",
  "parked",
];
const NICE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800];

/** Steps over time, each stretch by what it was spent on; behind them the usual length. */
export function gantt(run) {
  const start = Date.parse(run.created_at);
  const drawn = run.steps.filter((s) => s.segments.length);
  const ends = drawn.flatMap((s) => s.segments.map((g) => (g.to ? Date.parse(g.to) : now())));
  const expected = drawn
    .filter((s) => !s.ended_at && s.estimated_seconds)
    .map((s) => {
      const last = s.segments.filter((g) => g.phase === "remote").at(-1);
      return last ? Date.parse(last.from) + s.estimated_seconds * 1000 : 0;
    });
  const end = Math.max(...ends, ...expected, start + 1000),
    span = (end - start) * 1.02;
  const x = (t) => `${(100 * (t - start)) / span}%`;
  const step = NICE.find((n) => span / 1000 / n <= 7) ?? 28800;
  // None so near the end that its words would leave the chart.
  const ticks = Array.from({ length: Math.floor((span * 0.94) / 1000 / step) + 1 }, (_, i) => i * step);
  const present = ORDER.filter((p) => drawn.some((s) => s.segments.some((g) => g.phase === p)));
  const rows = run.steps.map((s, i) =>
    h(
      "li",
      { class: `gantt-row${s.critical && run.steps.length > 1 ? " critical" : ""}`, "data-key": s.asset },
      h(
        "div",
        { class: "gantt-name" },
        link(
          `/assets/${s.asset}`,
          { class: "asset", title: s.asset },
          h("span", { class: "key" }, h("span", { class: "name" }, words.name(s.asset))),
        ),
        badge(s.status, { quiet: s.status === "succeeded" || s.status === "skipped" }),
      ),
      h(
        "div",
        { class: "gantt-track" },
        s.segments.length ? segments(s, x, end) : h("span", { class: "muted small" }, s.sentence),
        !s.ended_at &&
          expected[0] &&
          drawn.includes(s) &&
          h("span", {
            class: "expected",
            vars: { x: x(expected[Math.min(i, expected.length - 1)]) },
            title: `usually done by ${clock(new Date(expected[0]).toISOString())}`,
          }),
      ),
    ),
  );
  return h(
    "div",
    { class: "gantt" },
    h(
      "div",
      { class: "gantt-axis", "aria-hidden": "true" },
      h("span", { class: "gantt-name" }),
      h(
        "div",
        { class: "gantt-track" },
        ticks.map((t) =>
          h("span", { vars: { x: x(start + t * 1000) } }, t === 0 ? clock(run.created_at) : `+${duration(t)}`),
        ),
      ),
    ),
    h("ol", { class: "gantt-rows" }, rows),
    h(
      "ul",
      { class: "legend" },
      present.map((p) => h("li", {}, h("i", { class: `seg is-${p}` }), words.phase(p))),
      drawn.some((s) => s.segments.some((g) => isBad(s, g))) &&
        h("li", {}, h("i", { class: "seg bad" }), "Failed attempt"),
      expected.length > 0 && h("li", {}, h("i", { class: "expected-key" }), "Usual end"),
    ),
    h(
      "details",
      { class: "twin" },
      h("summary", {}, "As a table"),
      h(
        "table",
        { class: "table compact" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["Step", "Attempt", "Stretch", "From", "Took"].map((t) => h("th", { scope: "col" }, t)),
          ),
        ),
        h(
          "tbody",
          {},
          drawn.flatMap((s) =>
            s.segments.map((g) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, s.asset),
                h("td", {}, g.attempt),
                h("td", {}, words.phase(g.phase), g.message && h("span", { class: "muted" }, `: ${g.message}`)),
                h("td", {}, clock(g.from, true)),
                h("td", {}, took(g)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

const took = (g) => duration(((g.to ? Date.parse(g.to) : now()) - Date.parse(g.from)) / 1000);

const isBad = (step, g) => g.phase === "remote" && (g.attempt < step.attempt || step.status === "failed");

function segments(step, x, end) {
  let attempt = 0;
  return step.segments.map((g) => {
    const from = Date.parse(g.from),
      to = g.to ? Date.parse(g.to) : Math.min(end, now());
    const isNew = g.attempt !== attempt && step.attempt > 1 && ["remote", "working"].includes(g.phase);
    if (isNew) attempt = g.attempt;
    const failed = isBad(step, g);
    return h(
      "span",
      {
        class: `seg is-${g.phase}${g.to ? "" : " open"}${failed ? " bad" : ""}`,
        vars: { x: x(from), w: `calc(${x(to)} - ${x(from)})` },
        title: [`${words.phase(g.phase)}, attempt ${g.attempt}: ${took(g)}`, g.message, failed && "failed"]
          .filter(Boolean)
          .join(" – "),
      },
      isNew && h("b", {}, g.attempt),
    );
  });
}
