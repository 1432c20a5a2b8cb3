// What a mouse, a finger or two do to the graph.

import { h } from "../lib/dom.js";

/** Drags, pinches, turns the wheel, points, picks and opens. */
export function followPointer(graph) {
  const { svg, camera, tip } = graph,
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
      hover(graph, e);
      return;
    }
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()],
        old = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      fingers.set(e.pointerId, e);
      const [c, d] = [...fingers.values()],
        r = svg.getBoundingClientRect();
      camera.zoom(
        Math.hypot(c.clientX - d.clientX, c.clientY - d.clientY) / (old || 1),
        (c.clientX + d.clientX) / 2 - r.left,
        (c.clientY + d.clientY) / 2 - r.top,
      );
      start.moved = true;
      return;
    }
    if (!start.moved && Math.hypot(e.clientX - start.x, e.clientY - start.y) < 4) return;
    start.moved = true;
    camera.pan(e.clientX - before.clientX, e.clientY - before.clientY);
    fingers.set(e.pointerId, e);
  });
  const end = (e) => {
    const was = fingers.delete(e.pointerId);
    svg.classList.remove("held");
    if (was && e.type === "pointerup" && start && !start.moved) {
      const n = at(graph, e.clientX, e.clientY);
      graph.select(n?.id ?? null);
    }
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  svg.addEventListener("dblclick", (e) => {
    const n = at(graph, e.clientX, e.clientY);
    if (n) n.role === "group" ? graph.onGroup?.(n.group) : graph.onOpen?.(n.id);
  });
  svg.addEventListener(
    "wheel",
    (e) => {
      e.preventDefault();
      const r = svg.getBoundingClientRect();
      e.shiftKey
        ? camera.pan(-e.deltaY, 0)
        : camera.zoom(Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.0016)), e.clientX - r.left, e.clientY - r.top);
    },
    { passive: false },
  );
}

/** The node at a place of the window. */
function at({ svg, camera, nodes }, clientX, clientY) {
  const r = svg.getBoundingClientRect(),
    x = (clientX - r.left - camera.x) / camera.k,
    y = (clientY - r.top - camera.y) / camera.k,
    slack = Math.min(12, 2 / camera.k);
  return nodes.find((n) => x >= n.x && x <= n.x + n.width && y >= n.y - slack && y <= n.y + n.height + slack);
}

function hover(graph, e) {
  const { svg, tip } = graph,
    n = at(graph, e.clientX, e.clientY);
  svg.classList.toggle("over", Boolean(n));
  if (!n) {
    tip.hidden = true;
    return;
  }
  const r = graph.element.getBoundingClientRect(),
    st = graph.states.get(n.id);
  tip.replaceChildren(h("b", {}, n.asset ?? n.label), h("span", {}, st?.sentence ?? ""));
  tip.hidden = false;
  tip.style.setProperty("--x", `${Math.min(e.clientX - r.left + 14, r.width - 280)}px`);
  tip.style.setProperty("--y", `${e.clientY - r.top + 16}px`);
}
