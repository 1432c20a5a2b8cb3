import { segment } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { link, navigate, query, setQuery, withQuery } from "../lib/router.js";
import * as words from "../lib/words.js";
import { assetLink, badge, linked } from "../parts/badge.js";
import { icon } from "../parts/icon.js";
import { LineageCanvas } from "../parts/lineage.js";
import { segmented, select, table } from "../parts/table.js";

export const title = (ctx) => (ctx.query.focus ? `Lineage of ${words.name(ctx.query.focus)}` : "Lineage");
export const topics = () => ["board"];

let canvas = null,
  shownLayout = null,
  shownMarks = "";
export const leave = () => {
  canvas = null;
  shownLayout = null;
  shownMarks = "";
};

export async function load(ctx) {
  const q = ctx.query,
    wish = {
      selection: q.selection,
      focus: q.focus,
      up: q.focus && (q.up ?? 2),
      down: q.focus && (q.down ?? 2),
      by: q.by,
      expand: q.expand,
    };
  const [layout, states, path, blame] = await Promise.all([
    ctx.get("/lineage", wish),
    ctx.get("/lineage/states", wish),
    q.from && q.to ? ctx.get("/lineage/path", { from: q.from, to: q.to }) : null,
    q.blame && q.focus ? ctx.get(`/assets/${segment(q.focus)}/blame`) : null,
  ]);
  return { at: states.at, sequence: states.sequence, layout, states, path, blame };
}

export function view(ctx, data) {
  const q = ctx.query,
    { layout } = data,
    isTable = q.view === "table";
  canvas ??= new LineageCanvas({
    onSelect: (id) => replaceQuery({ pick: id }),
    onGroup: (name) => setQuery({ expand: opened(data, name), z: null }),
    onOpen: (id, details) =>
      details
        ? document.querySelector(".l-panel a")?.focus()
        : setQuery({
            focus: id,
            z: null,
            expand: null,
            from: null,
            to: null,
            blame: null,
            up: q.up ?? 2,
            down: q.down ?? 2,
          }),
    onView: (k, x, y) => replaceQuery({ z: [k.toFixed(3), Math.round(x), Math.round(y)].join(",") }, true),
  });
  const folded = layout.nodes.filter((n) => n.role === "group").length;
  return [
    h(
      "header",
      { class: "l-head" },
      h("h1", {}, "Lineage"),
      h(
        "span",
        { class: "muted l-count" },
        `${words.count(layout.assets)} of ${words.plural(layout.total, "asset")}${folded ? `, ${folded} groups folded` : ""}`,
      ),
      h("span", { class: "grow" }),
      find(data),
      q.focus
        ? depth(ctx)
        : select(
            "by",
            "Groups",
            [
              ["group", "By group"],
              ["kind", "By kind"],
              ["workspace", "By workspace"],
              ["none", "None"],
            ],
            q.by ?? "group",
            null,
          ),
      select(
        "overlay",
        "Show",
        [
          ["state", "State"],
          ["changed", "Last change"],
          ["duration", "Duration"],
          ["kind", "Kind"],
        ],
        q.overlay ?? "state",
        null,
      ),
      !q.focus &&
        layout.assets > 60 &&
        h(
          "button",
          { class: "button", onclick: () => setQuery({ expand: folded ? "*" : "-", z: null }) },
          folded ? "Unfold all" : "Fold all",
        ),
      segmented(
        "view",
        "As",
        [
          ["", "Graph"],
          ["table", "Table"],
        ],
        q.view ?? "",
      ),
    ),
    (q.focus || q.selection || data.path || data.blame) && banner(ctx, data),
    isTable
      ? twin(data)
      : h(
          "div",
          { class: "l-stage" },
          canvas.element.isConnected ? h("div", { class: "l-canvas", "data-keep": "lineage" }) : canvas.element,
          h("div", { id: "l-panel-host" }, panel(ctx, data, q.pick)),
          legend(),
        ),
  ];
}

/** The address without drawing the page again. */
function replaceQuery(changes, isOnlyView) {
  history.replaceState({}, "", withQuery(changes));
  if (!isOnlyView) redraw?.(changes.pick);
}
let redraw = null;

function opened(data, name) {
  const closed = new Set(data.layout.nodes.filter((n) => n.role === "group").map((n) => n.group));
  return Object.keys(data.layout.all_groups)
    .filter((g) => g === name || !closed.has(g))
    .join(",");
}

export function mounted(ctx, data) {
  if (!canvas || ctx.query.view === "table") return;
  redraw = (pick) => {
    const host = document.getElementById("l-panel-host");
    host?.replaceChildren(...[panel({ ...ctx, query: query() }, data, pick)].filter(Boolean));
  };
  const isNew = shownLayout !== data.layout;
  if (isNew) {
    shownLayout = data.layout;
    canvas.setLayout(data.layout);
  }
  canvas.overlay = ctx.query.overlay ?? "state";
  canvas.setStates(data.states.states);
  if (isNew) {
    const z = (ctx.query.z ?? "").split(",").map(Number);
    if (z.length === 3 && z.every(Number.isFinite)) canvas.view(...z);
    else canvas.fit();
    if (ctx.query.pick) canvas.select(ctx.query.pick, { quiet: true });
    else if (ctx.query.focus) canvas.select(ctx.query.focus, { quiet: true });
  }
  const marks = data.path ? data.path.assets : data.blame ? data.blame.chain.map((n) => n.asset) : null,
    key = JSON.stringify(marks);
  if (key !== shownMarks || isNew) {
    shownMarks = key;
    canvas.mark(marks, data.blame && !data.path ? "late" : "");
    if (marks && !ctx.query.z) canvas.fit(marks);
  }
  performance.mark("lineage-ready");
}

function depth(ctx) {
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

function find(data) {
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
        seek(data, new FormData(e.target).get("name").trim());
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

function seek(data, text) {
  const low = text.toLowerCase(),
    node =
      data.layout.nodes.find((n) => (n.asset ?? n.label) === text) ??
      data.layout.nodes.find((n) => (n.asset ?? n.label).toLowerCase().includes(low));
  if (node) {
    canvas.select(node.id, { show: true });
    canvas.svg.focus();
    return;
  }
  navigate(`/lineage?focus=${encodeURIComponent(text)}`);
}

function banner(ctx, data) {
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

function panel(ctx, data, id) {
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
              { class: "link", onclick: () => canvas.select(e[side], { show: true }) },
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
        { class: "button icon-only", "aria-label": "Close", onclick: () => canvas.select(null) },
        icon("close"),
      ),
    ),
    h("h2", {}, key ? link(`/assets/${key}`, {}, key) : node.label),
    h("p", { class: "muted" }, words.kind(node.kind), node.group && ` · ${node.group}`),
    st && h("p", {}, words.sentence(st.sentence)),
    node.role === "group"
      ? h(
          "button",
          { class: "button", onclick: () => setQuery({ expand: opened(data, node.group), z: null }) },
          "Unfold",
        )
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
                  onclick: () => {
                    replaceQuery({ from: key, to: null, pick: key });
                  },
                },
                icon("path"),
                q.from === key ? "Now choose where it ends" : "Path from here",
              ),
        ),
    list("Reads", reads, "from"),
    list("Is read by", feeds, "to"),
  );
}

const legend = () =>
  h(
    "ul",
    { class: "l-legend", "aria-label": "Legend" },
    ["late", "failed", "held", "refreshing", "stale", "paused", "up_to_date", "seen"].map((w) =>
      h("li", {}, badge(w, { quiet: true })),
    ),
  );

/** The same neighbourhood for those who cannot see the graph, and to read from top to bottom. */
function twin(data) {
  const st = new Map(data.states.states.map((x) => [x.id, x])),
    reads = new Map();
  for (const e of data.layout.edges) reads.set(e.to, [...(reads.get(e.to) ?? []), e.from]);
  const rows = [...data.layout.nodes].sort((a, b) => a.layer - b.layer || a.y - b.y);
  return [
    table(
      [
        {
          id: "asset",
          head: "Asset",
          class: "c-asset",
          cell: (n) => (n.asset ? assetLink(n.asset, { kind: n.kind }) : h("b", {}, `${n.label} (${n.count})`)),
        },
        {
          id: "state",
          head: "State",
          class: "c-state",
          cell: (n) => {
            const x = st.get(n.id);
            return (
              x &&
              badge(x.state, { late: x.late, quiet: ["seen", "up_to_date", "branch"].includes(x.state) && !x.late })
            );
          },
        },
        { id: "why", head: "Why", class: "c-why", cell: (n) => h("span", { class: "clip" }, st.get(n.id)?.sentence) },
        { id: "reads", head: "Reads", cell: (n) => (reads.get(n.id) ?? []).slice(0, 5).map((r) => h("div", {}, r)) },
        { id: "layer", head: "Layer", class: "num", cell: (n) => n.layer + 1 },
      ],
      rows.slice(0, 500),
      { caption: "Lineage as a table", key: (n) => n.id, href: (n) => (n.asset ? `/assets/${n.asset}` : null) },
    ),
    rows.length > 500 &&
      h("p", { class: "muted" }, `The first 500 of ${rows.length}; narrow it with a focus or a selection.`),
  ];
}
