// The graph: what the server has laid out, painted as a camera sees it, and followed by hand and by keys.

import { announce, h, s, throttle } from "../lib/dom.js";
import * as words from "../lib/words.js";
import { icon } from "./icon.js";
import { Camera } from "./lineage-camera.js";
import { followPointer } from "./lineage-hands.js";
import { followKeys } from "./lineage-keys.js";
import { LineagePaint } from "./lineage-paint.js";

export class LineageCanvas {
  nodes = [];
  edges = [];
  byId = new Map();
  above = new Map();
  below = new Map();
  states = new Map();
  selected = null;
  marked = null;
  overlay = "state";
  #fitted;
  #paint = new LineagePaint(this);

  constructor({ onSelect, onOpen, onGroup, onTable, onView }) {
    Object.assign(this, { onSelect, onOpen, onGroup, onTable });
    this.svg = s(
      "svg",
      {
        class: "l-svg",
        role: "group",
        "aria-label": "Lineage graph. Arrow keys follow the edges, Enter opens details, T is the table.",
        tabindex: 0,
      },
      this.#paint.world,
    );
    this.tip = h("div", { class: "l-tip", hidden: true });
    this.element = h("div", { class: "l-canvas", "data-keep": "lineage" }, this.svg, this.tip, tools(this));
    this.camera = new Camera(this.element, { onChange: () => this.#paint.soon(), onMove: throttle(onView, 300) });
    followPointer(this);
    followKeys(this);
    new ResizeObserver(() => {
      if (this.camera.isFitted) this.fit(...this.#fitted);
      else this.#paint.soon();
    }).observe(this.element);
  }

  setLayout(layout) {
    this.layout = layout;
    this.nodes = layout.nodes;
    this.byId = new Map(layout.nodes.map((n) => [n.id, n]));
    this.above = new Map(layout.nodes.map((n) => [n.id, []]));
    this.below = new Map(layout.nodes.map((n) => [n.id, []]));
    this.edges = layout.edges.map((e) => ({ ...e, d: null }));
    for (const e of this.edges) {
      this.above.get(e.to)?.push(e.from);
      this.below.get(e.from)?.push(e.to);
    }
    this.#paint.measure(this.edges);
  }

  setStates(rows) {
    this.states = new Map(rows.map((r) => [r.id, r]));
    this.#redraw();
  }

  /** A node's state, by the word that its colour and shape go by. */
  state(node) {
    const st = this.states.get(node.id);
    return !st ? "unknown" : st.late ? "late" : st.state;
  }

  /** Emphasises some nodes and the edges between them. */
  mark(ids, tone = "") {
    this.marked = ids?.length ? new Set(ids) : null;
    this.element.classList.toggle("has-marks", Boolean(this.marked));
    this.element.dataset.tone = tone;
    this.#redraw();
  }

  select(id, { show = false, quiet = false } = {}) {
    const node = this.byId.get(id);
    this.selected = id;
    if (show && node) this.camera.reveal(node);
    this.#redraw();
    if (!quiet) this.onSelect?.(id);
    if (node)
      announce(
        `${node.label}, ${words.state(this.state(node))}, reads ${this.above.get(id).length}, is read by ${this.below.get(id).length}`,
      );
  }

  /** Shows these nodes, or all; what can be read of them if `isReadable`. */
  fit(ids, isReadable = false) {
    this.#fitted = [ids, isReadable];
    this.camera.fit(ids ? ids.map((id) => this.byId.get(id)).filter(Boolean) : this.nodes, {
      isPart: Boolean(ids),
      anchor: isReadable ? (this.byId.get(this.selected) ?? this.worst) : null,
    });
  }

  /** Where to begin: what is late, else what failed or is held. */
  get worst() {
    for (const state of ["late", "failed", "held"]) {
      const node = this.nodes.find((n) => this.state(n) === state);
      if (node) return node;
    }
    return this.nodes[0];
  }

  #redraw() {
    this.#paint.forget();
    this.#paint.soon();
  }
}

/** For those who neither drag nor turn a wheel. */
function tools(graph) {
  const tool = (name, face, work, extra = "") =>
    h("button", { class: `button icon-only ${extra}`, "aria-label": name, onclick: work }, face);
  const pan = (name, dx, dy, face) => tool(`Move ${name}`, face, () => graph.camera.pan(dx * 160, dy * 120), "pan");
  return h(
    "div",
    { class: "l-tools", role: "group", "aria-label": "View" },
    tool("Zoom in", icon("plus"), () => graph.camera.zoom(1.4)),
    tool("Zoom out", icon("minus"), () => graph.camera.zoom(1 / 1.4)),
    tool("Fit everything", icon("fit"), () => graph.fit()),
    pan("left", 1, 0, "‹"),
    pan("right", -1, 0, "›"),
    pan("up", 0, 1, "⌃"),
    pan("down", 0, -1, "⌄"),
  );
}
