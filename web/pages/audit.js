import { h } from "../lib/dom.js";
import { setQuery } from "../lib/router.js";
import { at } from "../lib/time.js";
import { shape } from "../parts/icon.js";
import { pager, select, table } from "../parts/table.js";

export const title = () => "Audit";
export const load = (ctx) => ctx.get("/audit", { limit: 50, ...ctx.query });

const ACTIONS = ["runs", "operations", "pauses", "config", "session", "events", "sensors"];

export function view(ctx, data) {
  const q = ctx.query;
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Audit"),
        h("p", { class: "sub" }, "Who did what, and what was refused. Rows are chained: one that is missing shows."),
      ),
    ),
    h(
      "form",
      {
        class: "filters",
        onsubmit: (e) => {
          e.preventDefault();
          const f = new FormData(e.target);
          setQuery({ actor: f.get("actor"), target: f.get("target"), cursor: null });
        },
      },
      h(
        "label",
        { class: "field inline" },
        h("span", {}, "Actor"),
        h("input", { name: "actor", value: q.actor ?? "", placeholder: "user:ana" }),
      ),
      h(
        "label",
        { class: "field inline" },
        h("span", {}, "Target"),
        h("input", { name: "target", value: q.target ?? "", placeholder: "powerbi/retail/sales" }),
      ),
      select(
        "action",
        "Action",
        ACTIONS.map((a) => [a, a]),
        q.action,
      ),
      select(
        "outcome",
        "Outcome",
        [
          ["allowed", "Allowed"],
          ["denied", "Denied"],
          ["failed", "Failed"],
        ],
        q.outcome,
      ),
      h("button", { class: "button", type: "submit" }, "Find"),
    ),
    table(
      [
        { id: "at", head: "When", class: "c-time", cell: (r) => at(r.at, true) },
        { id: "actor", head: "Actor", cell: (r) => r.actor },
        { id: "action", head: "Action", class: "mono", cell: (r) => r.action },
        { id: "target", head: "Target", cell: (r) => r.target ?? "–" },
        {
          id: "outcome",
          head: "Outcome",
          cell: (r) =>
            r.outcome === "allowed"
              ? h("span", { class: "muted" }, "allowed")
              : h("span", { class: "badge is-failed" }, shape("failed"), h("span", {}, r.outcome)),
        },
        { id: "reason", head: "Reason", class: "c-why", cell: (r) => r.reason ?? h("span", { class: "muted" }, "–") },
        {
          id: "from",
          head: "From",
          class: "c-time",
          cell: (r) => h("span", { class: "muted" }, [r.method, r.address].filter(Boolean).join(" · ")),
        },
        { id: "hash", head: "Chain", class: "mono muted", cell: (r) => r.hash.slice(0, 8) },
      ],
      data.rows,
      { caption: "Audit", key: (r) => r.sequence },
    ),
    pager(data.next),
  ];
}
