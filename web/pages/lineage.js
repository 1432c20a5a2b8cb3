import { segment } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { query, setQuery, withQuery } from "../lib/router.js";
import * as words from "../lib/words.js";
import { LineageCanvas } from "../parts/lineage.js";
import { banner, depth, find } from "../parts/lineage-head.js";
import { legend, panel } from "../parts/lineage-panel.js";
import { twin } from "../parts/lineage-table.js";
import { nothing, segmented, select } from "../parts/table.js";

export const title = (ctx) => (ctx.query.focus ? `Lineage of ${words.name(ctx.query.focus)}` : "Lineage");
export const topics = () => ["board"];

let canvas = null,
  shown = null,
  shownLayout = null,
  shownMarks = "";
export const leave = () => {
  canvas = null;
  shown = null;
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
  // The graph outlives many a reading of the page: what it asks for later is asked of the latest.
  shown = data;
  canvas ??= new LineageCanvas({
    onSelect: (id) => replaceQuery({ pick: id }),
    onGroup: (name) => setQuery({ expand: opened(shown, name), z: null }),
    onTable: () => setQuery({ view: "table" }),
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
            up: query().up ?? 2,
            down: query().down ?? 2,
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
      find(data, canvas),
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
    !layout.total
      ? nothing("asset")
      : isTable
        ? twin(data)
        : h(
            "div",
            { class: "l-stage" },
            canvas.element.isConnected ? h("div", { class: "l-canvas", "data-keep": "lineage" }) : canvas.element,
            h("div", { id: "l-panel-host" }, beside(ctx, data, q.pick)),
            legend(),
          ),
  ];
}

const beside = (ctx, data, id) =>
  panel({
    ctx,
    data,
    id,
    graph: canvas,
    unfold: (name) => setQuery({ expand: opened(data, name), z: null }),
    beginPath: (key) => replaceQuery({ from: key, to: null, pick: key }),
  });

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
  if (!data.layout.total || ctx.query.view === "table") return;
  redraw = (pick) => {
    const host = document.getElementById("l-panel-host");
    host?.replaceChildren(...[beside({ ...ctx, query: query() }, data, pick)].filter(Boolean));
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
    if (ctx.query.pick) canvas.select(ctx.query.pick, { quiet: true });
    else if (ctx.query.focus) canvas.select(ctx.query.focus, { quiet: true });
    if (z.length === 3 && z.every(Number.isFinite)) canvas.camera.to(...z);
    else canvas.fit(undefined, true);
  }
  const marks = data.path ? data.path.assets : data.blame ? data.blame.chain.map((n) => n.asset) : null,
    key = JSON.stringify(marks);
  if (key !== shownMarks || isNew) {
    shownMarks = key;
    canvas.mark(marks, data.blame && !data.path ? "late" : "");
    if (marks && !ctx.query.z) canvas.fit(marks, true);
  }
  performance.mark("lineage-ready");
}
