import { h, s } from "../lib/dom.js";
import { navigate } from "../lib/router.js";
import { clock, duration } from "../lib/time.js";

/**
 * Stacked bars over time. bars: [{ label, title, parts: [[class, value]], href }].
 *
 * The table twin is for those who cannot see it.
 */
export function bars(items, { label, height = 72, unit = "", ticks = [] }) {
  const most = Math.max(1, ...items.map((i) => i.parts.reduce((n, [, v]) => n + v, 0)));
  const step = 1000 / items.length;
  const groups = items.map((item, i) => {
    let y = height;
    return s(
      "g",
      {},
      s("title", {}, item.title),
      s("rect", { x: i * step, y: 0, width: step, height, class: "hit" }),
      item.parts
        .filter(([, v]) => v > 0)
        .map(([name, v]) => {
          const tall = Math.max(2, (v / most) * (height - 6));
          y -= tall;
          return s("rect", {
            x: i * step + step * 0.12,
            y,
            width: step * 0.76,
            height: Math.max(1, tall - 1),
            class: `bar is-${name}`,
            rx: 1,
          });
        }),
    );
  });
  return h(
    "figure",
    { class: "chart" },
    s(
      "svg",
      { viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", height, role: "img", "aria-label": label },
      s("line", { x1: 0, x2: 1000, y1: height - 0.5, y2: height - 0.5, class: "axis" }),
      groups,
    ),
    ticks.length &&
      h(
        "div",
        { class: "chart-ticks", "aria-hidden": "true" },
        ticks.map((t) => h("span", {}, t)),
      ),
    twin(label, items, unit),
  );
}

function twin(label, items, unit) {
  const shown = items.filter((i) => i.parts.some(([, v]) => v)).slice(-60);
  return h(
    "details",
    { class: "twin" },
    h("summary", {}, "As a table"),
    h(
      "div",
      { class: "table-box", tabindex: 0, role: "region", "aria-label": label },
      h(
        "table",
        { class: "table compact" },
        h(
          "tbody",
          {},
          shown.map((i) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, i.label),
              i.parts.map(([name, v]) =>
                h("td", {}, `${name.replaceAll("_", " ")} ${typeof v === "number" && v % 1 ? v.toFixed(1) : v}${unit}`),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Durations as dots over time, with the median and the 95th percentile as lines. */
export function durations(performance, { height = 150 } = {}) {
  const { samples, p50_seconds: p50, p95_seconds: p95 } = performance;
  if (!samples.length) return h("p", { class: "muted" }, "No refreshes in this time.");
  const times = samples.map((x) => Date.parse(x.at)),
    first = Math.min(...times),
    last = Math.max(...times, first + 1);
  const most = Math.max(...samples.map((x) => x.duration_seconds + x.queued_seconds), p95 ?? 0) * 1.12;
  const x = (t) => 4 + 992 * ((t - first) / (last - first)),
    y = (v) => height - (v / most) * (height - 6);
  const line = (value, name) =>
    value &&
    s("line", {
      x1: 0,
      x2: 1000,
      y1: y(value),
      y2: y(value),
      class: `rule ${name}`,
      "vector-effect": "non-scaling-stroke",
    });
  const dots = samples.map((sample, i) =>
    h("button", {
      class: `dot is-${sample.status}${sample.slow ? " slow" : ""}`,
      vars: { x: `${x(times[i]) / 10}%`, y: `${y(sample.duration_seconds)}px` },
      title: `${clock(sample.at)}: ${duration(sample.duration_seconds)}, ${sample.status}${sample.slow ? ", slower than usual" : ""}`,
      "aria-label": `Run of ${clock(sample.at)}, ${duration(sample.duration_seconds)}, ${sample.status}`,
      tabindex: i === samples.length - 1 ? 0 : -1,
      onclick: () => navigate(`/runs/${sample.run}`),
      onkeydown: (e) => {
        const to =
          e.key === "ArrowLeft"
            ? e.target.previousElementSibling
            : e.key === "ArrowRight"
              ? e.target.nextElementSibling
              : null;
        if (to?.classList.contains("dot")) {
          e.preventDefault();
          to.focus();
        }
      },
    }),
  );
  return h(
    "figure",
    { class: "chart durations" },
    h(
      "div",
      { class: "plot", vars: { tall: `${height}px` } },
      s(
        "svg",
        { viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", height, "aria-hidden": "true" },
        line(p95, "p95"),
        line(p50, "p50"),
        s("line", { x1: 0, x2: 1000, y1: height - 0.5, y2: height - 0.5, class: "axis" }),
      ),
      p50 && h("span", { class: "rule-label", vars: { y: `${y(p50)}px` } }, `p50 ${duration(p50)}`),
      p95 &&
        y(p50) - y(p95) > 14 &&
        h("span", { class: "rule-label", vars: { y: `${y(p95)}px` } }, `p95 ${duration(p95)}`),
      dots,
    ),
    h(
      "div",
      { class: "chart-ticks", "aria-hidden": "true" },
      h("span", {}, clock(samples[0].at)),
      h("span", {}, clock(samples.at(-1).at)),
    ),
  );
}
