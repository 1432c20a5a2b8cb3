import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import { ago, at, clock, duration, now, relative } from "../lib/time.js";
import * as words from "../lib/words.js";
import { pause, resolve, retry } from "../parts/actions.js";
import { assetLink, badge, linked, outcomes } from "../parts/badge.js";
import { icon, shape } from "../parts/icon.js";
import { nothing, select, table } from "../parts/table.js";

export const title = (_, data) => (data?.counts.late ? `${data.counts.late} late` : "Overview");
export const topics = () => ["board"];
export const load = (ctx) => ctx.get("/board");

const isLate = (row) => row.freshness?.state === "late";
const SHOWS = {
  late: isLate,
  at_risk: (r) => r.risk,
  failed: (r) => r.state === "failed",
  held: (r) => r.state === "held",
  refreshing: (r) => ["refreshing", "parked"].includes(r.state),
  paused: (r) => r.state === "paused",
  fresh: (r) => r.state === "up_to_date" && !isLate(r),
};

export function view(ctx, data) {
  const { show, group, by = "urgency" } = ctx.query;
  const groups = [...new Set(data.assets.map((r) => r.group).filter(Boolean))].sort();
  const rows = data.assets.filter((r) => (!show || SHOWS[show]?.(r)) && (!group || r.group === group));
  const urgent = rows.filter((r) => isLate(r) || r.state === "failed"),
    rest = rows.filter((r) => !urgent.includes(r));
  return [
    h(
      "header",
      { class: "page-head" },
      h("div", {}, h("h1", {}, headline(data)), h("p", { class: "sub" }, subline(data))),
      h(
        "div",
        { class: "actions" },
        ctx.can("operator") &&
          h(
            "button",
            { class: "button", onclick: () => pause(ctx, { paused: !data.paused }) },
            icon(data.paused ? "launch" : "pause"),
            data.paused ? "Resume everything" : "Pause everything",
          ),
        ctx.can("operator") && link("/launch", { class: "button primary" }, icon("launch"), "Launch"),
      ),
    ),
    data.assets.length > 0 && counts(ctx, data),
    urgent.length > 0 &&
      h(
        "section",
        { "aria-labelledby": "urgent" },
        h("h2", { id: "urgent", class: "section" }, "Needs somebody", h("span", { class: "n" }, urgent.length)),
        h(
          "div",
          { class: "cards" },
          urgent.slice(0, 60).map((r) => card(ctx, r)),
        ),
      ),
    attention(ctx, data),
    !data.assets.length && nothing("model"),
    data.assets.length > 0 &&
      h(
        "section",
        { "aria-labelledby": "others" },
        h(
          "div",
          { class: "section-row" },
          h(
            "h2",
            { id: "others", class: "section" },
            urgent.length ? "Everything else" : "All models",
            h("span", { class: "n" }, rest.length),
          ),
          h(
            "div",
            { class: "filters" },
            select(
              "group",
              "Group",
              groups.map((g) => [g, g]),
              group,
            ),
            select(
              "by",
              "Order",
              [
                ["urgency", "By urgency"],
                ["group", "By group"],
              ],
              by,
              null,
            ),
          ),
        ),
        board(rest, by),
      ),
  ];
}

function headline(data) {
  const { late, failed, at_risk: risk, assets } = data.counts;
  if (!assets) return "Nothing to refresh yet";
  if (late) return `${words.plural(late, "model")} ${late === 1 ? "is" : "are"} late`;
  if (failed) return `${words.plural(failed, "model")} failed, and none is late`;
  return risk ? `Nothing is late; ${risk} may become so` : "Everything is fresh";
}

function subline(data) {
  const next = data.assets
    .filter((r) => !isLate(r) && r.freshness_policy?.next_deadline)
    .map((r) => r.freshness_policy.next_deadline)
    .sort()[0];
  return [
    data.counts.assets > 0 && `${data.counts.fresh} of ${data.counts.assets} fresh`,
    next && [" · next deadline ", at(next), ` (${relative(next)})`],
    data.running.length > 0 && ` · ${words.plural(data.running.length, "run")} in progress`,
    !data.daemon && `${data.counts.assets ? " · " : ""}no daemon is up: nothing is watched`,
  ];
}

function counts(ctx, data) {
  const chip = (key, label) => {
    const n = data.counts[key],
      isOn = ctx.query.show === key;
    return h(
      "button",
      {
        class: `count is-${key}${n ? "" : " none"}`,
        "aria-pressed": String(isOn),
        onclick: () => setQuery({ show: isOn ? null : key }),
      },
      shape({ fresh: "up_to_date" }[key] ?? key, 11),
      h("b", {}, n),
      h("span", {}, label),
    );
  };
  return h(
    "div",
    { class: "counts", role: "group", "aria-label": "Show only" },
    chip("late", "late"),
    chip("at_risk", "at risk"),
    chip("failed", "failed"),
    chip("held", "held"),
    chip("refreshing", "in progress"),
    chip("paused", "paused"),
    chip("fresh", "fresh"),
  );
}

// Causes rather than assets: this is where alerts will stand.
function attention(ctx, data) {
  if (!data.attention.length) return null;
  const where = (a) =>
    a.code.startsWith("config_") ? "/config" : a.run ? `/runs/${a.run}` : a.sensor ? `/sensors?sensor=${a.sensor}` : a.asset ? `/assets/${a.asset}` : null;
  return h(
    "section",
    { class: "attention", "aria-label": "Attention" },
    h(
      "ul",
      {},
      data.attention.map((a) =>
        h(
          "li",
          { class: `is-${a.severity}` },
          icon(a.severity === "info" ? "info" : "warning", a.severity),
          h("span", { class: "grow" }, words.sentence(a.sentence)),
          h("span", { class: "muted since" }, ago(a.since)),
          where(a) &&
            link(
              where(a),
              { class: "button small" },
              "Look",
              h("span", { class: "sr" }, ` at ${a.asset ?? a.sensor ?? "it"}`),
            ),
        ),
      ),
    ),
  );
}

/** Whether another in the chain has the same name, so that only the whole key tells them apart. */
const isShared = (row, key) => row.waits_for.some((other) => other !== key && words.name(other) === words.name(key));

function card(ctx, row) {
  const keys = [row.culprit, row.advice.asset, ...row.waits_for, ...row.evidence.map((e) => e.input)];
  // Of what failed, the run that ended; of what is under way, that one.
  const run = row.run ?? row.advice.run;
  const operation = row.advice.operation && { id: row.advice.operation, prepared_at: row.last_changed };
  return h(
    "article",
    {
      class: `card is-${isLate(row) ? "late" : row.state}`,
      "data-key": `card-${row.asset}`,
      "data-href": `/assets/${row.asset}`,
    },
    h(
      "div",
      { class: "card-head" },
      badge(isLate(row) ? "late" : row.state),
      isLate(row) && row.state !== "held" && badge(row.state, { quiet: true }),
      isLate(row) && row.state === "held" && badge("held", { quiet: true }),
      h("span", { class: "grow" }),
      h(
        "span",
        { class: "muted" },
        isLate(row)
          ? ["late for ", h("b", { class: "ink" }, duration((now() - Date.parse(row.freshness.since)) / 1000))]
          : ["failed ", ago(row.recent.at(-1)?.at ?? row.last_changed)],
      ),
    ),
    h(
      "div",
      { class: "card-why" },
      h("span", { class: "folder" }, words.folder(row.asset)),
      h(
        "h3",
        {},
        link(`/assets/${row.asset}`, {}, words.name(row.asset)),
        " ",
        h("span", { class: "why" }, linked(words.ended(row.sentence), keys)),
      ),
    ),
    row.advice.text &&
      h("p", { class: "todo" }, icon("arrow"), h("span", {}, linked(words.ended(row.advice.text), keys))),
    row.waits_for.length > 0 &&
      h(
        "ol",
        { class: "chain", "aria-label": "Waits for" },
        [...row.waits_for].reverse().map((k) => h("li", {}, assetLink(k, { short: !isShared(row, k) }))),
        h("li", {}, h("b", {}, words.name(row.asset))),
      ),
    h(
      "dl",
      { class: "card-facts" },
      h("div", {}, h("dt", {}, "Data as of"), h("dd", {}, at(row.data_time))),
      row.next_run_at && h("div", {}, h("dt", {}, "Next try"), h("dd", {}, at(row.next_run_at))),
      row.freshness_policy && h("div", {}, h("dt", {}, "Promised"), h("dd", {}, row.freshness_policy.text)),
    ),
    h(
      "div",
      { class: "card-foot" },
      link(
        `/lineage?focus=${row.asset}&up=9&down=1${isLate(row) ? "&blame=1" : ""}`,
        { class: "button small" },
        icon("lineage"),
        isLate(row) ? "What makes it late" : "Lineage",
      ),
      run && link(`/runs/${run}`, { class: "button small" }, icon("runs"), "Open the run"),
      ctx.can("operator") &&
        run &&
        row.state === "failed" &&
        ["retry", "wait", "fix_credentials"].includes(row.advice.code) &&
        h(
          "button",
          { class: "button small", onclick: () => retry(ctx, { id: run, retryable: [row.asset] }) },
          icon("retry"),
          "Retry",
        ),
      ctx.can("operator") &&
        operation &&
        h("button", { class: "button small", onclick: () => resolve(ctx, operation) }, icon("resolve"), "Resolve"),
    ),
  );
}

function board(rows, by) {
  const columns = [
    { id: "state", head: "State", class: "c-state", cell: (r) => badge(r.state, { quiet: r.state === "up_to_date" }) },
    { id: "asset", head: "Model", class: "c-asset", cell: (r) => assetLink(r.asset, { kind: r.kind }) },
    {
      id: "why",
      head: "Why",
      class: "c-why",
      cell: (r) => [
        h(
          "span",
          { class: "why" },
          linked(
            r.state === "up_to_date" ? r.sentence.replace(/^is up to date: /, "") : r.sentence,
            r.evidence.map((e) => e.input),
          ),
        ),
        r.risk && h("span", { class: "risk" }, icon("warning"), r.risk.sentence),
        !r.risk &&
          !["none", "wait"].includes(r.advice.code) &&
          h("span", { class: "todo-line" }, icon("arrow"), r.advice.text),
      ],
    },
    { id: "data", head: "Data as of", class: "c-time", cell: (r) => ago(r.data_time) },
    {
      id: "target",
      head: "Promised",
      class: "c-target",
      cell: (r) =>
        r.freshness_policy ? h("span", { class: "target" }, deadline(r)) : h("span", { class: "muted" }, "–"),
    },
    {
      id: "next",
      head: "Next",
      class: "c-next",
      cell: (r) =>
        r.run
          ? link(
              `/runs/${r.run}`,
              { class: "inline" },
              r.state === "refreshing" ? "running" : r.parked_until ? relative(r.parked_until) : "the run",
            )
          : r.next_run_at
            ? h("span", { title: words.delay(r.next_run_delay) }, relative(r.next_run_at))
            : h("span", { class: "muted" }, "on change"),
    },
    { id: "recent", head: "Last", class: "c-recent", cell: (r) => outcomes(r.recent) },
  ];
  const draw = (some, caption) =>
    table(columns, some.slice(0, 400), {
      key: (r) => r.asset,
      href: (r) => `/assets/${r.asset}`,
      caption,
      rowHead: false,
      class: "board",
      empty: "Nothing fits the filter.",
    });
  if (by !== "group") return draw(rows, "Models");
  return [...new Set(rows.map((r) => r.group ?? "–"))].sort().map((g) =>
    h(
      "div",
      { class: "group-block" },
      h("h3", {}, g),
      draw(
        rows.filter((r) => (r.group ?? "–") === g),
        `Models of ${g}`,
      ),
    ),
  );
}

function deadline(row) {
  const { freshness: f, freshness_policy: p } = row;
  if (p.by)
    return [
      `by ${p.by}`,
      f?.until && h("small", {}, clock(f.until).split(" ")[0] === p.by ? "today" : clock(f.until).split(" ")[0]),
    ];
  return [`${duration(p.max_data_age_seconds)}`, h("small", {}, "old at most")];
}
