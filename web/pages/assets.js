import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import { ago, duration } from "../lib/time.js";
import * as words from "../lib/words.js";
import { assetLink, badge, owner } from "../parts/badge.js";
import { icon } from "../parts/icon.js";
import { nothing, pager, select, table } from "../parts/table.js";

export const title = () => "Assets";
export const topics = () => ["board"];
export const load = (ctx) => ctx.get("/assets", { limit: 100, ...ctx.query });

export function view(ctx, data) {
  const q = ctx.query,
    facet = (name, say = (x) => x) =>
      Object.entries(data.facets[name])
        .sort()
        .map(([key, n]) => [key, `${say(key)} (${n})`]);
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Assets"),
        h("p", { class: "sub" }, `${words.plural(data.total, "asset")}${q.selection ? ` in ${q.selection}` : ""}`),
      ),
      h(
        "div",
        { class: "actions" },
        link(
          `/lineage${q.selection ? `?selection=${encodeURIComponent(q.selection)}` : ""}`,
          { class: "button" },
          icon("lineage"),
          "As a graph",
        ),
      ),
    ),
    h(
      "form",
      {
        class: "filters",
        role: "search",
        onsubmit: (e) => {
          e.preventDefault();
          const f = new FormData(e.target);
          setQuery({ q: f.get("q"), selection: f.get("selection"), cursor: null });
        },
      },
      h(
        "label",
        { class: "field inline grow" },
        h("span", {}, "Name"),
        h("input", { type: "search", name: "q", value: q.q ?? "", placeholder: "part of a key or description" }),
      ),
      h(
        "label",
        { class: "field inline grow" },
        h("span", {}, "Selection"),
        h("input", {
          name: "selection",
          class: "mono",
          value: q.selection ?? "",
          placeholder: "+powerbi/retail/sales",
          spellcheck: "false",
        }),
      ),
      select("kind", "Kind", facet("kind", words.kind), q.kind),
      select("group", "Group", facet("group"), q.group),
      select("state", "State", facet("state", words.state), q.state),
      select("owner", "Owner", facet("owner"), q.owner),
      h("button", { class: "button", type: "submit" }, "Find"),
    ),
    table(
      [
        {
          id: "asset",
          head: "Asset",
          sort: "key",
          class: "c-asset",
          cell: (r) => assetLink(r.asset, { kind: r.kind }),
        },
        {
          id: "state",
          head: "State",
          sort: "state",
          class: "c-state",
          cell: (r) =>
            badge(r.state, { late: r.late, quiet: ["up_to_date", "seen", "branch"].includes(r.state) && !r.late }),
        },
        { id: "why", head: "Why", class: "c-why", cell: (r) => h("span", { class: "why clip" }, r.sentence) },
        {
          id: "policy",
          head: "Promised",
          class: "c-target",
          cell: (r) => r.freshness_policy?.text ?? h("span", { class: "muted" }, "–"),
        },
        {
          id: "automation",
          head: "Automation",
          class: "c-auto",
          cell: (r) =>
            r.automation
              ? h("span", { class: "clip", title: r.automation.text }, r.automation.text)
              : h("span", { class: "muted" }, r.role === "observed" ? "looked at" : "–"),
        },
        { id: "changed", head: "Changed", sort: "last_changed", class: "c-time", cell: (r) => ago(r.last_changed) },
        { id: "p50", head: "p50", sort: "p50_seconds", class: "num", cell: (r) => duration(r.p50_seconds) },
        { id: "owner", head: "Owner", class: "c-owner", cell: (r) => r.owners.map(owner) },
      ],
      data.assets,
      {
        key: (r) => r.asset,
        href: (r) => `/assets/${r.asset}`,
        caption: "Assets",
        sort: q.sort ?? "key",
        empty: Object.keys(q).length ? "No asset fits." : nothing("asset"),
      },
    ),
    pager(data.next),
  ];
}
