import { h } from "../lib/dom.js";
import { ago } from "../lib/time.js";
import { assetLink } from "./badge.js";
import { shape } from "./icon.js";

const MARKS = { same: "same", changed: "changed", unknown: "unknown", missing: "not there" };

/** What was compared: each input, what it was and what it is. */
export function evidence(rows) {
  if (!rows.length) return h("p", { class: "muted" }, "Nothing was compared.");
  return h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": "Evidence" },
    h(
      "table",
      { class: "table compact evidence" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["Input", "Comparison", "Last consumed", "Now", "Seen"].map((t, i) =>
            h("th", { scope: "col" }, i === 1 ? h("span", { class: "sr" }, t) : t),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((e) =>
          h(
            "tr",
            { class: `is-${e.health === "failed" ? "failed" : e.comparison}` },
            h(
              "th",
              { scope: "row" },
              assetLink(e.input, { short: false }),
              e.part && h("span", { class: "muted" }, " → ", e.part),
            ),
            h(
              "td",
              {},
              h(
                "span",
                { class: `mark is-${e.health === "failed" ? "failed" : e.comparison}` },
                shape(
                  e.health === "failed"
                    ? "failed"
                    : e.comparison === "same"
                      ? "seen"
                      : e.comparison === "changed"
                        ? "stale"
                        : "unknown",
                  9,
                ),
                e.health === "failed" ? "failed" : MARKS[e.comparison],
              ),
            ),
            h("td", { class: "mono version" }, e.then ? difference(e.then, e.then) : "–"),
            h(
              "td",
              { class: "mono version" },
              e.comparison === "same" ? h("span", { class: "muted" }, "the same") : difference(e.then, e.now),
              e.message && h("div", { class: "bad-text" }, e.message),
            ),
            h(
              "td",
              {},
              ago(e.observed_at),
              h("small", {}, h("br"), e.signal, e.strength !== "exact" && ` (${e.strength})`),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A fingerprint, each of its values in a line of its own, with what is new marked. */
export function difference(then, now) {
  const before = new Set((then ?? "").split(";"));
  return now.split(";").map((piece) => {
    const name = piece.slice(0, piece.indexOf("=") + 1);
    return h("div", {}, h(before.has(piece) ? "span" : "mark", {}, name, h("wbr"), piece.slice(name.length)));
  });
}
