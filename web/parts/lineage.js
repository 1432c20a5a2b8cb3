// The graph: pans and zooms what the server has laid out, and draws only what is in view.

import { announce, h, s, throttle } from "../lib/dom.js";
import { relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { icon, shapePath } from "./icon.js";

const NEAR = 0.42,
  MANY = 320,
  MARGIN = 0.6;

export class LineageCanvas {
  nodes = [];
  edges = [];
  byId = new Map();
  above = new Map();
  below = new Map();
  states = new Map();
  k = 1;
  x = 0;
  y = 0;
  selected = null;
  marked = null;
  overlay = "state";
  #drawn = null;
  #frame = 0;
  #boxes = new Float32Array(0);
  #alive = new Map();

  constructor({ onSelect, onOpen, onGroup, onView }) {
    Object.assign(this, { onSelect, onOpen, onGroup, onView: throttle(onView, 300) });
    this.groupLayer = s("g", { class: "l-groups" });
    this.edgePath = s("path", { class: "l-edges" });
    this.hotPath = s("path", { class: "l-edges hot" });
    this.farLayer = s("g", { class: "l-far" });
    this.nodeLayer = s("g", { class: "l-nodes" });
    this.nameLayer = s("g", { class: "l-groups" });
    this.world = s(
      "g",
      {},
      this.groupLayer,
      this.edgePath,
      this.hotPath,
      this.farLayer,
      this.nameLayer,
      this.nodeLayer,
    );
    this.svg = s(
      "svg",
      {
        class: "l-svg",
        role: "group",
        "aria-label": "Lineage graph. Arrow keys follow the edges, Enter opens details, T is the table.",
        tabindex: 0,
      },
      this.world,
    );
    this.tip = h("div", { class: "l-tip", hidden: true });
    this.element = h(
      "div",
      { class: "l-canvas", "data-keep": "lineage" },
      this.svg,
      this.tip,
      h(
        "div",
        { class: "l-tools", role: "group", "aria-label": "View" },
        h(
          "button",
          { class: "button icon-only", "aria-label": "Zoom in", onclick: () => this.zoom(1.4) },
          icon("plus"),
        ),
        h(
          "button",
          { class: "button icon-only", "aria-label": "Zoom out", onclick: () => this.zoom(1 / 1.4) },
          icon("minus"),
        ),
        h(
          "button",
          { class: "button icon-only", "aria-label": "Fit everything", onclick: () => this.fit() },
          icon("fit"),
        ),
        ...[
          ["left", 1, 0, "‹"],
          ["right", -1, 0, "›"],
          ["up", 0, 1, "⌃"],
          ["down", 0, -1, "⌄"],
        ].map(([name, dx, dy, face]) =>
          h(
            "button",
            {
              class: "button icon-only pan",
              "aria-label": `Move ${name}`,
              onclick: () => this.pan(dx * 160, dy * 120),
            },
            face,
          ),
        ),
      ),
    );
    this.#listen();
    new ResizeObserver(() => {
      if (this.isFitted) this.fit(this.fitted);
      else this.draw();
    }).observe(this.element);
  }

  // MARK: Data

  setLayout(layout) {
    this.layout = layout;
    this.nodes = layout.nodes;
    this.byId = new Map(layout.nodes.map((n) => [n.id, n]));
    this.above = new Map(layout.nodes.map((n) => [n.id, []]));
    this.below = new Map(layout.nodes.map((n) => [n.id, []]));
    this.edges = layout.edges.map((e) => ({ ...e, d: null }));
    this.#boxes = new Float32Array(this.edges.length * 4);
    this.edges.forEach((e, i) => {
      this.above.get(e.to)?.push(e.from);
      this.below.get(e.from)?.push(e.to);
      let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let j = 0; j < e.points.length; j += 2) {
        x1 = Math.min(x1, e.points[j]);
        x2 = Math.max(x2, e.points[j]);
        y1 = Math.min(y1, e.points[j + 1]);
        y2 = Math.max(y2, e.points[j + 1]);
      }
      this.#boxes.set([x1, y1, x2, y2], i * 4);
    });
    this.#forget();
  }

  setStates(rows) {
    this.states = new Map(rows.map((r) => [r.id, r]));
    this.#forget();
    this.draw();
  }
  setOverlay(name) {
    this.overlay = name;
    this.#forget();
    this.draw();
  }

  /** Emphasises some nodes and the edges between them. */
  mark(ids, tone = "") {
    this.marked = ids?.length ? new Set(ids) : null;
    this.element.classList.toggle("has-marks", Boolean(this.marked));
    this.element.dataset.tone = tone;
    this.#forget();
    this.draw();
  }

  select(id, { show = false, quiet = false } = {}) {
    this.selected = id;
    if (show) this.reveal(id);
    this.#forget();
    this.draw();
    if (!quiet) this.onSelect?.(id);
    const node = this.byId.get(id);
    if (node)
      announce(
        `${node.label}, ${words.state(this.#state(node))}, reads ${this.above.get(id).length}, is read by ${this.below.get(id).length}`,
      );
  }

  // MARK: The view

  get #size() {
    return [this.element.clientWidth || 800, this.element.clientHeight || 500];
  }

  fit(ids) {
    const nodes = ids ? ids.map((i) => this.byId.get(i)).filter(Boolean) : this.nodes;
    if (!nodes.length) return;
    let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const n of nodes) {
      x1 = Math.min(x1, n.x);
      y1 = Math.min(y1, n.y);
      x2 = Math.max(x2, n.x + n.width);
      y2 = Math.max(y2, n.y + n.height);
    }
    // Beside the panel on what is picked, not behind it; a narrow window has it below.
    const [full, t] = this.#size,
      covered = this.element.parentElement?.querySelector(".l-panel")?.offsetWidth ?? 0,
      w = covered && covered < full / 2 ? full - covered - 14 : full,
      pad = 36;
    const both = Math.min((w - pad * 2) / (x2 - x1), (t - pad * 2) / (y2 - y1)),
      wide = (w - pad * 2) / (x2 - x1);
    // A graph much taller than the window begins at its top, as wide as fits.
    this.k = ids
      ? Math.min(1.1, Math.max(both, 0.3))
      : Math.min(1.1, both < 0.12 ? Math.max(both, Math.min(wide, 0.6)) : both);
    this.x = (w - (x2 - x1) * this.k) / 2 - x1 * this.k;
    [this.isFitted, this.fitted] = [true, ids];
    this.y = (y2 - y1) * this.k > t ? pad - y1 * this.k : (t - (y2 - y1) * this.k) / 2 - y1 * this.k;
    this.draw();
  }

  view(k, x, y) {
    [this.k, this.x, this.y] = [k, x, y];
    this.moved();
  }
  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.moved();
  }
  zoom(by, cx, cy) {
    const [w, t] = this.#size;
    cx ??= w / 2;
    cy ??= t / 2;
    const k = Math.max(0.004, Math.min(2.5, this.k * by));
    this.x = cx - ((cx - this.x) * k) / this.k;
    this.y = cy - ((cy - this.y) * k) / this.k;
    this.k = k;
    this.moved();
  }
  reveal(id) {
    const n = this.byId.get(id),
      [w, t] = this.#size;
    if (!n) return;
    if (this.k < NEAR) this.k = 0.9;
    const sx = n.x * this.k + this.x,
      sy = n.y * this.k + this.y;
    if (sx < 20 || sy < 20 || sx + n.width * this.k > w - 20 || sy + n.height * this.k > t - 20) {
      this.x = w / 2 - (n.x + n.width / 2) * this.k;
      this.y = t / 2 - (n.y + n.height / 2) * this.k;
    }
    this.moved();
  }
  moved() {
    this.isFitted = false;
    this.draw();
    this.onView?.(this.k, this.x, this.y);
  }

  // MARK: Drawing

  #forget() {
    this.#drawn = null;
  }
  draw() {
    if (!this.#frame)
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#paint();
      });
  }

  #state(node) {
    const st = this.states.get(node.id);
    return !st ? "unknown" : st.late ? "late" : st.state;
  }

  #paint() {
    if (!this.layout) return;
    const [w, t] = this.#size,
      k = this.k;
    this.world.setAttribute("transform", `translate(${this.x.toFixed(2)} ${this.y.toFixed(2)}) scale(${k.toFixed(5)})`);
    this.svg.classList.toggle("far", k < NEAR);
    const view = [-this.x / k, -this.y / k, (w - this.x) / k, (t - this.y) / k],
      d = this.#drawn;
    if (
      d &&
      d.k / k < 1.6 &&
      k / d.k < 1.6 &&
      d.near === this.#isNear(d.count) &&
      view[0] >= d.view[0] &&
      view[1] >= d.view[1] &&
      view[2] <= d.view[2] &&
      view[3] <= d.view[3]
    )
      return;
    const mx = (view[2] - view[0]) * MARGIN,
      my = (view[3] - view[1]) * MARGIN,
      box = [view[0] - mx, view[1] - my, view[2] + mx, view[3] + my];
    const shown = this.nodes.filter(
      (n) => n.x + n.width >= box[0] && n.x <= box[2] && n.y + n.height >= box[1] && n.y <= box[3],
    );
    const near = this.#isNear(shown.length);
    this.#drawn = { view: box, k, near, count: shown.length };
    this.#paintEdges(box);
    this.#paintGroups(k, near);
    this.#paintFar(near ? [] : shown, k);
    this.#paintNear(near ? shown : shown.filter((n) => n.id === this.selected));
  }

  #isNear(count) {
    return this.k >= NEAR && count <= MANY;
  }

  #paintEdges(box) {
    const cold = [],
      hot = [],
      b = this.#boxes;
    for (let i = 0; i < this.edges.length; i += 1) {
      const j = i * 4;
      if (b[j + 2] < box[0] || b[j] > box[2] || b[j + 3] < box[1] || b[j + 1] > box[3]) continue;
      const e = this.edges[i];
      const isHot = this.marked
        ? this.marked.has(e.from) && this.marked.has(e.to)
        : this.selected && (e.from === this.selected || e.to === this.selected);
      (isHot ? hot : cold).push((e.d ??= route(e.points)));
    }
    this.edgePath.setAttribute("d", cold.join(""));
    this.hotPath.setAttribute("d", hot.join(""));
    this.svg.classList.toggle("busy", cold.length > 90);
  }

  /** Names stay readable however far away: their size counters the zoom. */
  #paintGroups(k, near) {
    const size = Math.max(13, 11.5 / k);
    const names = near ? [] : this.nodes.filter((n) => n.role === "group").slice(0, 80);
    this.groupLayer.replaceChildren(
      ...this.layout.groups.map((g) =>
        s(
          "g",
          {},
          s("rect", { x: g.x, y: g.y, width: g.width, height: g.height, rx: 12 }),
          s("text", { x: g.x + 14, y: k < NEAR ? g.y - 4 / k : g.y + 20, "font-size": size }, `${g.label}  ${g.count}`),
        ),
      ),
    );
    this.nameLayer.replaceChildren(
      ...names.map((n) => s("text", { x: n.x, y: n.y - 3 / k, "font-size": Math.min(size, 46) }, n.label)),
    );
  }

  /** One path for each state, however many nodes. */
  #paintFar(nodes, k) {
    const paths = new Map(),
      grow = Math.max(0, Math.min(22, 1.2 / k - 2));
    for (const n of nodes) {
      const word = this.overlay === "kind" ? `kind-${n.kind.split(".")[0]}` : this.#state(n),
        isDim = this.marked && !this.marked.has(n.id);
      const key = `${word}${isDim ? " dim" : ""}`;
      if (!paths.has(key)) paths.set(key, []);
      paths
        .get(key)
        .push(`M${n.x} ${(n.y - grow / 2).toFixed(1)}h${n.width}v${(n.height + grow).toFixed(1)}h${-n.width}z`);
    }
    this.farLayer.replaceChildren(
      ...[...paths].map(([key, parts]) => s("path", { class: `far is-${key}`, d: parts.join("") })),
    );
  }

  #paintNear(nodes) {
    const alive = new Map();
    for (const n of nodes) {
      const state = this.#state(n),
        signature = `${state}|${this.selected === n.id}|${this.marked?.has(n.id) ?? ""}|${this.overlay}`;
      const before = this.#alive.get(n.id);
      alive.set(
        n.id,
        before?.signature === signature && before.node === n ? before : { signature, node: n, g: this.#node(n, state) },
      );
    }
    this.#alive = alive;
    const wanted = [...alive.values()].map((a) => a.g);
    if (wanted.length !== this.nodeLayer.children.length || wanted.some((g, i) => this.nodeLayer.children[i] !== g))
      this.nodeLayer.replaceChildren(...wanted);
  }

  #node(n, state) {
    const st = this.states.get(n.id),
      isGroup = n.role === "group",
      room = Math.floor((n.width - 52) / 6.9);
    const label = n.label.length > room ? `${n.label.slice(0, room - 1)}…` : n.label;
    const second = isGroup
      ? `${n.count} assets`
      : this.overlay === "changed" && st?.changed_at
        ? `changed ${relative(st.changed_at)}`
        : this.overlay === "duration" && st?.duration_seconds
          ? `${Math.round(st.duration_seconds)} s`
          : words.kind(n.kind);
    const mark = this.marked && (this.marked.has(n.id) ? "marked" : "dim");
    const classes = ["l-node", `is-${state}`, `role-${n.role}`, this.selected === n.id && "selected", mark]
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
      isGroup && this.#mix(n, st),
    );
  }

  /** How the members of a folded group are, as a bar. */
  #mix(n, st) {
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

  // MARK: Hands and keys

  at(clientX, clientY) {
    const r = this.svg.getBoundingClientRect(),
      x = (clientX - r.left - this.x) / this.k,
      y = (clientY - r.top - this.y) / this.k,
      slack = Math.min(12, 2 / this.k);
    return this.nodes.find((n) => x >= n.x && x <= n.x + n.width && y >= n.y - slack && y <= n.y + n.height + slack);
  }

  #listen() {
    const { svg } = this,
      fingers = new Map();
    let start = null;
    svg.addEventListener("pointerdown", (e) => {
      if (e.button) return;
      fingers.set(e.pointerId, e);
      svg.setPointerCapture(e.pointerId);
      start = { x: e.clientX, y: e.clientY, moved: false };
      svg.classList.add("held");
    });
    svg.addEventListener("pointermove", (e) => {
      const before = fingers.get(e.pointerId);
      if (!before) {
        this.#hover(e);
        return;
      }
      if (fingers.size === 2) {
        const [a, b] = [...fingers.values()],
          old = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        fingers.set(e.pointerId, e);
        const [c, d] = [...fingers.values()],
          r = svg.getBoundingClientRect();
        this.zoom(
          Math.hypot(c.clientX - d.clientX, c.clientY - d.clientY) / (old || 1),
          (c.clientX + d.clientX) / 2 - r.left,
          (c.clientY + d.clientY) / 2 - r.top,
        );
        start.moved = true;
        return;
      }
      if (!start.moved && Math.hypot(e.clientX - start.x, e.clientY - start.y) < 4) return;
      start.moved = true;
      this.pan(e.clientX - before.clientX, e.clientY - before.clientY);
      fingers.set(e.pointerId, e);
    });
    const end = (e) => {
      const was = fingers.delete(e.pointerId);
      svg.classList.remove("held");
      if (was && e.type === "pointerup" && start && !start.moved) {
        const n = this.at(e.clientX, e.clientY);
        this.select(n?.id ?? null);
      }
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
    });
    svg.addEventListener("dblclick", (e) => {
      const n = this.at(e.clientX, e.clientY);
      if (n) n.role === "group" ? this.onGroup?.(n.group) : this.onOpen?.(n.id);
    });
    svg.addEventListener(
      "wheel",
      (e) => {
        e.preventDefault();
        const r = svg.getBoundingClientRect();
        e.shiftKey
          ? this.pan(-e.deltaY, 0)
          : this.zoom(Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.0016)), e.clientX - r.left, e.clientY - r.top);
      },
      { passive: false },
    );
    svg.addEventListener("keydown", (e) => this.#key(e));
  }

  #hover(e) {
    const n = this.at(e.clientX, e.clientY);
    this.svg.classList.toggle("over", Boolean(n));
    if (!n) {
      this.tip.hidden = true;
      return;
    }
    const r = this.element.getBoundingClientRect(),
      st = this.states.get(n.id);
    this.tip.replaceChildren(h("b", {}, n.asset ?? n.label), h("span", {}, st?.sentence ?? ""));
    this.tip.hidden = false;
    this.tip.style.setProperty("--x", `${Math.min(e.clientX - r.left + 14, r.width - 280)}px`);
    this.tip.style.setProperty("--y", `${e.clientY - r.top + 16}px`);
  }

  #key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const work = {
      "+": () => this.zoom(1.3),
      "=": () => this.zoom(1.3),
      "-": () => this.zoom(1 / 1.3),
      0: () => this.fit(),
      ArrowLeft: () => this.#walk("above"),
      ArrowRight: () => this.#walk("below"),
      ArrowUp: () => this.#beside(-1),
      ArrowDown: () => this.#beside(1),
      Enter: () => {
        const n = this.byId.get(this.selected);
        if (n) n.role === "group" ? this.onGroup?.(n.group) : this.onOpen?.(n.id, true);
      },
      f: () => {
        const n = this.byId.get(this.selected);
        if (n?.asset) this.onOpen?.(n.id);
      },
      Escape: () => this.select(null),
    }[e.key];
    if (!work) return;
    e.preventDefault();
    e.stopPropagation();
    work();
  }

  #first() {
    const rank = ["late", "failed", "held"];
    return this.nodes.find((n) => rank.includes(this.#state(n))) ?? this.nodes[0];
  }
  #walk(side) {
    if (!this.byId.has(this.selected)) return this.select(this.#first()?.id, { show: true });
    const n = this.byId.get(this.selected),
      next = this[side]
        .get(this.selected)
        .map((i) => this.byId.get(i))
        .sort((a, b) => Math.abs(a.y - n.y) - Math.abs(b.y - n.y))[0];
    if (next) this.select(next.id, { show: true });
  }
  #beside(by) {
    if (!this.byId.has(this.selected)) return this.select(this.#first()?.id, { show: true });
    const n = this.byId.get(this.selected),
      row = this.nodes.filter((m) => m.layer === n.layer).sort((a, b) => a.y - b.y),
      next = row[row.indexOf(n) + by];
    if (next) this.select(next.id, { show: true });
  }
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
