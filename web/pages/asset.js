import { segment } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import { ago, at, clock, duration, now, relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { pause } from "../parts/actions.js";
import { assetLink, badge, linked, owner, pill } from "../parts/badge.js";
import { icon, shape } from "../parts/icon.js";
import { facts } from "../parts/table.js";
import { definition, neighbours, performance, versions } from "../parts/asset.js";
import { timeline } from "../parts/timeline.js";

export const title = (ctx) => words.name(ctx.params.asset);
export const topics = (ctx) => [`asset:${ctx.params.asset}`, "board"];

const TABS = {
  timeline: "Timeline",
  performance: "Performance",
  versions: "Versions",
  definition: "Definition",
  neighbours: "Neighbours",
};

export async function load(ctx) {
  const path = `/assets/${segment(ctx.params.asset)}`,
    tab = ctx.query.tab ?? "timeline";
  const detail = ctx.get(path);
  const more = {
    timeline: () => ctx.get(`${path}/timeline`, { limit: 40, cursor: ctx.query.cursor, entry: ctx.query.entry }),
    performance: () => ctx.get(`${path}/performance`, { days: ctx.query.days ?? 30 }),
    versions: () => ctx.get(`${path}/versions`, { limit: 30, cursor: ctx.query.cursor }),
    definition: () => ctx.get(`${path}/definition`),
  }[tab];
  const [asset, part] = await Promise.all([detail, more?.()]);
  return { ...asset, tab, part };
}

export function view(ctx, data) {
  const { asset, status, tab } = data,
    key = asset.asset;
  const isWork = asset.role === "materialized";
  const tabs = Object.entries(TABS).filter(([id]) => isWork || !["performance", "versions"].includes(id));
  return [
    h(
      "nav",
      { class: "crumbs", "aria-label": "Where" },
      link("/assets", {}, "Assets"),
      words
        .folder(key)
        .split("/")
        .filter(Boolean)
        .map((p, i, all) => [
          h("span", { "aria-hidden": "true" }, "/"),
          link(`/assets?selection=${encodeURIComponent(`${all.slice(0, i + 1).join("/")}/*`)}`, {}, p),
        ]),
    ),
    h(
      "header",
      { class: "page-head asset-head" },
      h(
        "div",
        {},
        h("h1", {}, words.name(key), badge(data.state, { late: data.late })),
        h("p", { class: "sub" }, words.kind(asset.kind), asset.description && [" · ", asset.description]),
      ),
      h(
        "div",
        { class: "actions" },
        link(`/lineage?focus=${key}&up=3&down=2`, { class: "button" }, icon("lineage"), "Lineage"),
        isWork &&
          ctx.can("operator") &&
          h(
            "button",
            { class: "button", onclick: () => pause(ctx, { asset: key, paused: !data.paused }) },
            icon(data.paused ? "launch" : "pause"),
            data.paused ? "Resume" : "Pause",
          ),
        isWork &&
          ctx.can("operator") &&
          link(`/launch?selection=${key}`, { class: "button primary" }, icon("launch"), "Refresh …"),
      ),
    ),
    h(
      "div",
      { class: `statement is-${data.late ? "late" : data.state}` },
      shape(data.late ? "late" : data.state, 14),
      h(
        "div",
        {},
        h(
          "p",
          {},
          h("b", {}, words.name(key)),
          " ",
          linked(data.sentence, [status?.culprit, ...data.upstream.map((u) => u.asset)]),
          ".",
        ),
        status?.freshness?.state === "late" &&
          h(
            "p",
            { class: "muted" },
            "Late since ",
            at(status.freshness.since),
            `: promised ${status.freshness_policy.text}, and its data is of `,
            at(status.data_time),
            ".",
          ),
        status?.risk && h("p", { class: "risk" }, icon("warning"), status.risk.sentence),
        status?.advice.text &&
          h(
            "p",
            { class: "todo" },
            icon("arrow"),
            h("span", {}, linked(status.advice.text, [status.advice.asset, status.culprit]), "."),
          ),
      ),
    ),
    data.remote?.warnings.map((w) => h("p", { class: "notice is-warning" }, icon("warning"), words.sentence(w))),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "main-column" },
        h(
          "div",
          { class: "tabs", role: "tablist", "aria-label": "About this asset", onkeydown: tabKeys },
          tabs.map(([id, name]) =>
            h(
              "button",
              {
                role: "tab",
                id: `tab-${id}`,
                "aria-selected": String(tab === id),
                "aria-controls": "panel",
                tabindex: tab === id ? 0 : -1,
                onclick: () => setQuery({ tab: id === "timeline" ? null : id, cursor: null, entry: null }),
              },
              name,
            ),
          ),
        ),
        h(
          "div",
          { role: "tabpanel", id: "panel", "aria-labelledby": `tab-${tab}` },
          { timeline, performance, versions, definition, neighbours }[tab](ctx, data),
        ),
      ),
      aside(ctx, data),
    ),
  ];
}

function tabKeys(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const all = [...event.currentTarget.querySelectorAll("[role=tab]")],
    to = all[(all.indexOf(event.target) + by + all.length) % all.length];
  event.preventDefault();
  to.click();
  setTimeout(() => document.getElementById(to.id)?.focus(), 60);
}

function aside(ctx, data) {
  const { asset, status, observation: o, performance: p } = data;
  return h(
    "aside",
    { class: "side-column", "aria-label": "Facts" },
    status &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Freshness"),
        status.freshness_policy
          ? freshnessBar(status)
          : h(
              "p",
              { class: "muted small" },
              "Nothing is promised. A ",
              h("code", {}, "freshness"),
              " policy makes it late when its data is too old.",
            ),
        facts([
          ["Data as of", ago(status.data_time)],
          ["Refreshed", ago(status.last_materialized)],
          ["Inputs moved", ago(status.last_changed)],
          ["Looked at", ago(status.last_verified)],
          status.next_run_at && [
            "Next run",
            [relative(status.next_run_at), h("small", {}, ` ${words.delay(status.next_run_delay)}`)],
          ],
        ]),
      ),
    o &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Seen"),
        facts([
          ["Version", h("span", { class: "mono version" }, o.version)],
          ["Health", o.health === "ok" ? "ok" : badge(o.health, { quiet: true })],
          ["Signal", `${o.signal}, ${o.strength}`],
          ["Changed", ago(o.changed_at)],
          ["Looked at", ago(o.verified_at)],
          o.message && ["Message", h("span", { class: "bad-text" }, o.message)],
        ]),
      ),
    p.runs > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Last 30 days"),
        h(
          "div",
          { class: "figures" },
          [
            [duration(p.p50_seconds), "p50"],
            [duration(p.p95_seconds), "p95"],
            [words.percent(p.success_ratio), "succeeded"],
            [words.count(p.skips), "skips"],
          ].map(([v, t]) => h("div", {}, h("b", {}, v), h("span", {}, t))),
        ),
      ),
    Object.keys(asset.parts).length > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Tables"),
        h(
          "ul",
          { class: "parts" },
          Object.entries(asset.parts).map(([part, reads]) => {
            const moved = status?.evidence.find((e) => e.part === part);
            return h(
              "li",
              {},
              h(
                "span",
                { class: "mono" },
                shape(
                  moved?.comparison === "changed"
                    ? "stale"
                    : moved?.comparison === "unknown"
                      ? "unknown"
                      : "up_to_date",
                  8,
                ),
                part,
              ),
              h(
                "span",
                {},
                reads.map((r) => assetLink(r)),
              ),
            );
          }),
        ),
      ),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, "About"),
      facts([
        asset.group && ["Group", link(`/assets?group=${asset.group}`, {}, asset.group)],
        asset.owners.length && ["Owner", asset.owners.map(owner)],
        Object.keys(asset.tags).length && [
          "Tags",
          Object.entries(asset.tags).map(([k, v]) => pill(v ? `${k}=${v}` : k)),
        ],
        data.automation && ["Automation", data.automation.text],
        data.freshness_policy && ["Promised", data.freshness_policy.text],
        data.remote && [
          "In " + data.remote.system,
          data.remote.url
            ? h(
                "a",
                { href: data.remote.url, rel: "noreferrer", target: "_blank" },
                `${data.remote.workspace} / ${data.remote.name} `,
                icon("external", "opens elsewhere"),
              )
            : data.remote.name,
        ],
        data.origin && ["Defined in", h("code", {}, `${data.origin.file}:${data.origin.line}`)],
        ["Code version", h("code", { title: asset.code_version }, asset.code_version.slice(0, 12))],
      ]),
    ),
    ctx.can("admin") &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Badge"),
        h(
          "p",
          { class: "muted small" },
          "For a wiki or a report that people read without signing in here: ",
          h("code", {}, `freshet tokens create <name> --badge ${asset.asset}`),
          " gives the address of a picture that says how fresh the data is, and opens nothing else.",
        ),
      ),
  );
}

/** How old the data is against how old it may be. */
function freshnessBar(status) {
  const { freshness: f, freshness_policy: p, data_time: t } = status;
  const end = Date.parse(f?.until ?? f?.since ?? 0),
    start = Date.parse(t),
    share = end > start ? Math.min(1, Math.max(0.02, (now() - start) / (end - start))) : 1;
  const isLate = f?.state === "late";
  return h(
    "div",
    { class: "freshness" },
    h(
      "div",
      { class: "freshness-words" },
      h("b", {}, p.text),
      isLate
        ? h("span", { class: "bad-text" }, `late since ${clock(f.since)}`)
        : f?.until && h("span", { class: "muted" }, `until ${clock(f.until)}`),
    ),
    h(
      "div",
      {
        class: `meter is-${isLate ? "late" : "fresh"}`,
        role: "img",
        "aria-label": isLate
          ? "past its deadline"
          : `${Math.round(share * 100)} percent of the time allowed has passed`,
      },
      h("i", { vars: { share: `${(isLate ? 1 : share) * 100}%` } }),
    ),
  );
}
