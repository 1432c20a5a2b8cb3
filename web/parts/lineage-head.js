// Above the graph: finding, depth, and the sentence about the part that is shown.

import { h } from "../lib/dom.js";
import { navigate, setQuery } from "../lib/router.js";
import * as words from "../lib/words.js";
import { assetLink, linked } from "./badge.js";
import { icon } from "./icon.js";

/** How far to look from the focus. */
export function depth(ctx) {
  const q = ctx.query,
    field = (name, text) =>
      h(
        "label",
        { class: "field inline tiny" },
        h("span", {}, text),
        h("input", {
          type: "number",
          min: 0,
          max: 20,
          value: q[name] ?? 2,
          onchange: (e) => setQuery({ [name]: e.target.value, z: null }),
        }),
      );
  return h("span", { class: "depth" }, field("up", "Up"), field("down", "Down"));
}

/** Finds a node by its key, or by a part of it; what is not in the graph becomes its focus. */
export function find(data, graph) {
  const list = h(
    "datalist",
    { id: "l-names" },
    data.layout.nodes.slice(0, 3000).map((n) => h("option", { value: n.asset ?? n.label })),
  );
  return h(
    "form",
    {
      class: "l-find",
      role: "search",
      onsubmit: (e) => {
        e.preventDefault();
        seek(data, graph, new FormData(e.target).get("name").trim());
      },
    },
    h(
      "label",
      { class: "field inline" },
      h("span", { class: "sr" }, "Find in the graph"),
      h("input", { type: "search", name: "name", list: "l-names", placeholder: "Find in the graph" }),
    ),
    list,
  );
}

function seek(data, graph, text) {
  const low = text.toLowerCase(),
    node =
      data.layout.nodes.find((n) => (n.asset ?? n.label) === text) ??
      data.layout.nodes.find((n) => (n.asset ?? n.label).toLowerCase().includes(low));
  if (node) {
    graph.select(node.id, { show: true });
    graph.svg.focus();
    return;
  }
  navigate(`/lineage?focus=${encodeURIComponent(text)}`);
}

/** What part of the graph this is, and the sentence that goes with it. */
export function banner(ctx, data) {
  const q = ctx.query,
    say = data.path
      ? [assetLink(q.from), " to ", assetLink(q.to), ": ", data.path.sentence]
      : data.blame
        ? [
            h("b", {}, words.name(q.focus)),
            " ",
            linked(
              data.blame.sentence,
              data.blame.chain.map((n) => n.asset),
            ),
          ]
        : q.focus
          ? ["Around ", assetLink(q.focus)]
          : ["Selection ", h("code", {}, q.selection)];
  return h(
    "div",
    { class: `l-banner${data.blame && !data.path ? " is-late" : ""}` },
    icon(data.path ? "path" : data.blame ? "warning" : "focus"),
    h("span", { class: "grow" }, say, "."),
    q.focus &&
      !data.blame &&
      !data.path &&
      h("button", { class: "button small", onclick: () => setQuery({ blame: 1, z: null }) }, "What makes this late"),
    (data.path || data.blame) &&
      h("button", { class: "button small", onclick: () => setQuery({ blame: null, from: null, to: null }) }, "Clear"),
    h("button", { class: "button small", onclick: () => navigate("/lineage") }, "Everything"),
  );
}
