// The graph without a mouse: arrows follow the edges, Enter opens, F focuses, T is the table, plus and minus
// zoom, 0 fits.

export function followKeys(graph) {
  const chosen = () => graph.byId.get(graph.selected);
  const work = {
    "+": () => graph.camera.zoom(1.3),
    "=": () => graph.camera.zoom(1.3),
    "-": () => graph.camera.zoom(1 / 1.3),
    0: () => graph.fit(),
    ArrowLeft: () => along(graph, graph.above),
    ArrowRight: () => along(graph, graph.below),
    ArrowUp: () => beside(graph, -1),
    ArrowDown: () => beside(graph, 1),
    Enter: () => {
      const n = chosen();
      if (n) n.role === "group" ? graph.onGroup?.(n.group) : graph.onOpen?.(n.id, true);
    },
    f: () => {
      if (chosen()?.asset) graph.onOpen?.(graph.selected);
    },
    t: () => graph.onTable?.(),
    Escape: () => graph.select(null),
  };
  graph.svg.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !Object.hasOwn(work, e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    work[e.key]();
  });
}

/** To the nearest of those that it reads, or that read it. */
function along(graph, side) {
  const n = graph.byId.get(graph.selected);
  if (!n) return begin(graph);
  const next = side
    .get(n.id)
    .map((id) => graph.byId.get(id))
    .sort((a, b) => Math.abs(a.y - n.y) - Math.abs(b.y - n.y))[0];
  if (next) graph.select(next.id, { show: true });
}

/** To the one above or below it in its layer. */
function beside(graph, by) {
  const n = graph.byId.get(graph.selected);
  if (!n) return begin(graph);
  const layer = graph.nodes.filter((m) => m.layer === n.layer).sort((a, b) => a.y - b.y),
    next = layer[layer.indexOf(n) + by];
  if (next) graph.select(next.id, { show: true });
}

/** Where nothing is chosen, with what is worst. */
function begin(graph) {
  if (graph.worst) graph.select(graph.worst.id, { show: true });
}
