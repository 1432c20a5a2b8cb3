// Draws the graph: what is in view and a margin around it, near as boxes with names, far as one path for each state.

import { s } from "../lib/dom.js";
import { relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { shapePath } from "./icon.js";
import { NEAR } from "./lineage-camera.js";

const MANY = 320,
  MARGIN = 0.6;

export class LineagePaint {
  groups = s("g", { class: "l-groups" });
  edges = s("path", { class: "l-edges" });
  hot = s("path", { class: "l-edges hot" });
  far = s("g", { class: "l-far" });
  names = s("g", { class: "l-groups" });
  near = s("g", { class: "l-nodes" });
  world = s("g", {}, this.groups, this.edges, this.hot, this.far, this.names, this.near);
  #graph;
  #drawn = null;
  #frame = 0;
  #boxes = new Float32Array(0);
  #alive = new Map();

  constructor(graph) {
    this.#graph = graph;
  }

  /** Where each edge is, so that those out of sight are passed over quickly. */
  measure(edges) {
    this.#boxes = new Float32Array(edges.length * 4);
    edges.forEach((e, i) => {
      let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let j = 0; j < e.points.length; j += 2) {
        x1 = Math.min(x1, e.points[j]);
        x2 = Math.max(x2, e.points[j]);
        y1 = Math.min(y1, e.points[j + 1]);
        y2 = Math.max(y2, e.points[j + 1]);
      }
      this.#boxes.set([x1, y1, x2, y2], i * 4);
    });
    this.forget();
  }

  /** What was drawn holds no longer. */
  forget() {
    this.#drawn = null;
  }

  /** With the next frame, once. */
  soon() {
    if (!this.#frame)
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#paint();
      });
  }

  #paint() {
    const graph = this.#graph;
    if (!graph.layout) return;
    const { k, x, y, seen } = graph.camera,
      d = this.#drawn;
    this.world.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${k.toFixed(5)})`);
    graph.svg.classList.toggle("far", k < NEAR);
    if (
      d &&
      d.k / k < 1.6 &&
      k / d.k < 1.6 &&
      d.isNear === isNear(k, d.count) &&
      seen[0] >= d.box[0] &&
      seen[1] >= d.box[1] &&
      seen[2] <= d.box[2] &&
      seen[3] <= d.box[3]
    )
      return;
    const mx = (seen[2] - seen[0]) * MARGIN,
      my = (seen[3] - seen[1]) * MARGIN,
      box = [seen[0] - mx, seen[1] - my, seen[2] + mx, seen[3] + my];
    const shown = graph.nodes.filter(
      (n) => n.x + n.width >= box[0] && n.x <= box[2] && n.y + n.height >= box[1] && n.y <= box[3],
    );
    const near = isNear(k, shown.length);
    this.#drawn = { box, k, isNear: near, count: shown.length };
    this.#paintEdges(box);
    this.#paintGroups(k, near);
    this.#paintFar(near ? [] : shown, k);
    this.#paintNear(near ? shown : shown.filter((n) => n.id === graph.selected));
  }

  #paintEdges(box) {
    const graph = this.#graph,
      cold = [],
      hot = [],
      b = this.#boxes;
    for (let i = 0; i < graph.edges.length; i += 1) {
      const j = i * 4;
      if (b[j + 2] < box[0] || b[j] > box[2] || b[j + 3] < box[1] || b[j + 1] > box[3]) continue;
      const e = graph.edges[i];
      const isHot = graph.marked
        ? graph.marked.has(e.from) && graph.marked.has(e.to)
        : graph.selected && (e.from === graph.selected || e.to === graph.selected);
      (isHot ? hot : cold).push((e.d ??= route(e.points)));
    }
    this.edges.setAttribute("d", cold.join(""));
    this.hot.setAttribute("d", hot.join(""));
    graph.svg.classList.toggle("busy", cold.length > 90);
  }

  /** Names stay readable however far away: their size counters the zoom. */
  #paintGroups(k, near) {
    const size = Math.max(13, 11.5 / k);
    const names = near ? [] : this.#graph.nodes.filter((n) => n.role === "group").slice(0, 80);
    this.groups.replaceChildren(
      ...this.#graph.layout.groups.map((g) =>
        s(
          "g",
          {},
          s("rect", { x: g.x, y: g.y, width: g.width, height: g.height, rx: 12 }),
          s("text", { x: g.x + 14, y: k < NEAR ? g.y - 4 / k : g.y + 20, "font-size": size }, `${g.label}  ${g.count}`),
        ),
      ),
    );
    this.names.replaceChildren(
      ...names.map((n) => s("text", { x: n.x, y: n.y - 3 / k, "font-size": Math.min(size, 46) }, n.label)),
    );
  }

  /** One path for each state, however many nodes. */
  #paintFar(nodes, k) {
    const graph = this.#graph,
      paths = new Map(),
      grow = Math.max(0, Math.min(22, 1.2 / k - 2));
    for (const n of nodes) {
      const word = graph.overlay === "kind" ? `kind-${n.kind.split(".")[0]}` : graph.state(n),
        isDim = graph.marked && !graph.marked.has(n.id);
      const key = `${word}${isDim ? " dim" : ""}`;
      if (!paths.has(key)) paths.set(key, []);
      paths
        .get(key)
        .push(`M${n.x} ${(n.y - grow / 2).toFixed(1)}h${n.width}v${(n.height + grow).toFixed(1)}h${-n.width}z`);
    }
    this.far.replaceChildren(
      ...[...paths].map(([key, parts]) => s("path", { class: `far is-${key}`, d: parts.join("") })),
    );
  }

  #paintNear(nodes) {
    const graph = this.#graph,
      alive = new Map();
    for (const n of nodes) {
      const state = graph.state(n),
        signature = `${state}|${graph.selected === n.id}|${graph.marked?.has(n.id) ?? ""}|${graph.overlay}`;
      const before = this.#alive.get(n.id);
      alive.set(
        n.id,
        before?.signature === signature && before.node === n
          ? before
          : { signature, node: n, g: node(graph, n, state) },
      );
    }
    this.#alive = alive;
    const wanted = [...alive.values()].map((a) => a.g);
    if (wanted.length !== this.near.children.length || wanted.some((g, i) => this.near.children[i] !== g))
      this.near.replaceChildren(...wanted);
  }
}

const isNear = (k, count) => k >= NEAR && count <= MANY;

function node(graph, n, state) {
  const st = graph.states.get(n.id),
    isGroup = n.role === "group",
    room = Math.floor((n.width - 52) / 6.9);
  const label = n.label.length > room ? `${n.label.slice(0, room - 1)}…` : n.label;
  const second = isGroup
    ? `${n.count} assets`
    : graph.overlay === "changed" && st?.changed_at
      ? `changed ${relative(st.changed_at)}`
      : graph.overlay === "duration" && st?.duration_seconds
        ? `${Math.round(st.duration_seconds)} s`
        : words.kind(n.kind);
  const mark = graph.marked && (graph.marked.has(n.id) ? "marked" : "dim");
  const classes = ["l-node", `is-${state}`, `role-${n.role}`, graph.selected === n.id && "selected", mark]
    .filter(Boolean)
    .join(" ");
  return s(
    "g",
    {
      class: classes,
      transform: `translate(${n.x} ${n.y})`,
      "data-id": n.id,
      role: "img",
      "aria-label": `${n.asset ?? n.label}: ${words.state(state)}`,
    },
    isGroup && s("rect", { class: "under", x: 5, y: 5, width: n.width, height: n.height, rx: 9 }),
    s("rect", { class: "box", width: n.width, height: n.height, rx: n.role === "branch" ? 22 : 9 }),
    s("rect", { class: "edge-mark", x: 0, y: 9, width: 3, height: n.height - 18, rx: 1.5 }),
    s("path", { class: "state", d: shapePath(state), transform: "translate(14 16)", "fill-rule": "evenodd" }),
    s("text", { class: "label", x: 36, y: 19 }, label),
    s(
      "text",
      { class: "second", x: 36, y: 34 },
      second,
      state !== "seen" &&
        state !== "up_to_date" &&
        state !== "branch" &&
        s("tspan", { class: "word", dx: 6 }, words.state(state)),
    ),
    isGroup && mix(n, st),
  );
}

/** How the members of a folded group are, as a bar. */
function mix(n, st) {
  let x = 36;
  const total = Object.values(st?.states ?? {}).reduce((a, b) => a + b, 0) || 1,
    wide = n.width - 50;
  return Object.entries(st?.states ?? {}).map(([state, count]) => {
    const w = (wide * count) / total,
      r = s("rect", { class: `mix is-${state}`, x, y: 38, width: Math.max(1, w - 1), height: 3, rx: 1.5 });
    x += w;
    return r;
  });
}

/** A polyline as a line that leaves and arrives level. */
function route(p) {
  let d = `M${p[0]} ${p[1]}`;
  for (let i = 2; i < p.length; i += 2) {
    const [x1, y1, x2, y2] = [p[i - 2], p[i - 1], p[i], p[i + 1]];
    if (Math.abs(y1 - y2) < 0.6) d += `L${x2} ${y2}`;
    else {
      const m = ((x1 + x2) / 2).toFixed(0);
      d += `C${m} ${y1} ${m} ${y2} ${x2} ${y2}`;
    }
  }
  return d;
}
