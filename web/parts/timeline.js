import { h } from "../lib/dom.js";
import { at, clock, dayKey, dayName, duration, full } from "../lib/time.js";
import { pill, runLink } from "./badge.js";
import { evidence } from "./evidence.js";
import { shape } from "./icon.js";
import { pager, segmented } from "./table.js";

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

/** Decisions and refreshes, the newest first, with skips collapsed. */
export function timeline(ctx, data) {
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
      e.until && e.count > 1 && clock(e.until) !== clock(e.at) && h("small", {}, ` – ${time(e.until, e.at)}`),
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
      // Where the sentence says more than the failure's own words, such as that it was retried.
      e.failure && !e.sentence.includes(e.failure.message) && h("span", { class: "muted" }, " ", e.sentence),
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
