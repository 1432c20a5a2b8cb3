// Beside the graph: the chosen node, and what the shapes and colours mean.

import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import * as words from "../lib/words.js";
import { badge } from "./badge.js";
import { icon } from "./icon.js";

/** What is known of the chosen node, and where one goes from it. */
export function panel({ ctx, data, id, graph, unfold, beginPath }) {
  const node = data.layout.nodes.find((n) => n.id === id),
    st = data.states.states.find((x) => x.id === id);
  if (!node) return null;
  const q = ctx.query,
    key = node.asset;
  const reads = data.layout.edges.filter((e) => e.to === id),
    feeds = data.layout.edges.filter((e) => e.from === id);
  const list = (name, ends, side) =>
    ends.length > 0 &&
    h(
      "section",
      {},
      h("h3", {}, `${name} ${ends.length}`),
      h(
        "ul",
        { class: "plain" },
        ends.slice(0, 8).map((e) => {
          const n = data.layout.nodes.find((m) => m.id === e[side]);
          return h(
            "li",
            {},
            h(
              "button",
              { class: "link", onclick: () => graph.select(e[side], { show: true }) },
              n?.asset ?? n?.label ?? e[side],
            ),
            e.parts.length > 0 && h("span", { class: "muted" }, ` ${e.parts.join(", ")}`),
          );
        }),
        ends.length > 8 && h("li", { class: "muted" }, `and ${ends.length - 8} more`),
      ),
    );
  return h(
    "aside",
    { class: "l-panel", "aria-label": "Chosen" },
    h(
      "div",
      { class: "card-head" },
      st && badge(st.state, { late: st.late }),
      h("span", { class: "grow" }),
      h(
        "button",
        { class: "button icon-only", "aria-label": "Close", onclick: () => graph.select(null) },
        icon("close"),
      ),
    ),
    h("h2", {}, key ? link(`/assets/${key}`, {}, key) : node.label),
    h("p", { class: "muted" }, words.kind(node.kind), node.group && ` · ${node.group}`),
    st && h("p", {}, words.sentence(st.sentence)),
    node.role === "group"
      ? h("button", { class: "button", onclick: () => unfold(node.group) }, "Unfold")
      : h(
          "div",
          { class: "panel-actions" },
          link(`/assets/${key}`, { class: "button small" }, "Open"),
          h(
            "button",
            {
              class: "button small",
              onclick: () => setQuery({ focus: key, pick: key, z: null, from: null, to: null, blame: null }),
            },
            icon("focus"),
            "Focus",
          ),
          node.role === "materialized" &&
            h(
              "button",
              {
                class: "button small",
                onclick: () =>
                  setQuery({ focus: key, pick: key, up: 9, down: 1, blame: 1, z: null, from: null, to: null }),
              },
              icon("warning"),
              "What makes this late",
            ),
          q.from && q.from !== key && !q.to
            ? h(
                "button",
                { class: "button small", onclick: () => setQuery({ to: key, z: null }) },
                icon("path"),
                `Path from ${words.name(q.from)}`,
              )
            : h(
                "button",
                {
                  class: "button small",
                  onclick: () => beginPath(key),
                },
                icon("path"),
                q.from === key ? "Now choose where it ends" : "Path from here",
              ),
        ),
    list("Reads", reads, "from"),
    list("Is read by", feeds, "to"),
  );
}

export const legend = () =>
  h(
    "ul",
    { class: "l-legend", "aria-label": "Legend" },
    ["late", "failed", "held", "refreshing", "stale", "paused", "up_to_date", "seen"].map((w) =>
      h("li", {}, badge(w, { quiet: true })),
    ),
  );
