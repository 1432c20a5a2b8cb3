import { h } from "../lib/dom.js";
import { assetLink, badge } from "./badge.js";
import { table } from "./table.js";

/** The same neighbourhood for those who cannot see the graph, and to read from top to bottom. */
export function twin(data) {
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
