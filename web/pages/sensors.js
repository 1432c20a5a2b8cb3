import { h } from "../lib/dom.js";
import { link, setQuery } from "../lib/router.js";
import { ago, at, clock, duration, relative, zoneName } from "../lib/time.js";
import * as words from "../lib/words.js";
import { pause, testSensor } from "../parts/actions.js";
import { assetLink, badge, runLink } from "../parts/badge.js";
import { icon } from "../parts/icon.js";
import { pager, segmented, table } from "../parts/table.js";

export const title = () => "Sensors & schedules";
export const topics = () => ["sensors", "board"];

export async function load(ctx) {
  const { sensor, status, cursor } = ctx.query;
  const [sensors, schedules, ticks] = await Promise.all([
    ctx.get("/sensors"),
    ctx.get("/schedules", { count: 5 }),
    sensor || status ? ctx.get("/ticks", { sensor, status, cursor, limit: 50 }) : null,
  ]);
  return { at: sensors.at, sensors: sensors.sensors, schedules: schedules.schedules, ticks };
}

export function view(ctx, data) {
  const bad = data.sensors.filter((s) => s.last_tick?.status === "failed").length;
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Sensors & schedules"),
        h(
          "p",
          { class: "sub" },
          words.plural(data.sensors.length, "sensor"),
          bad ? `, ${bad} failing` : data.sensors.length > 0 && ", all answering",
          ` · ${words.plural(data.schedules.length, "schedule")}`,
        ),
      ),
    ),
    data.ticks && ticks(ctx, data),
    h(
      "section",
      { "aria-labelledby": "schedules" },
      h("h2", { id: "schedules", class: "section" }, "Schedules", h("span", { class: "n" }, data.schedules.length)),
      data.schedules.length
        ? h(
            "div",
            { class: "cards two" },
            data.schedules.map((s) => schedule(ctx, s)),
          )
        : h("p", { class: "muted" }, data.sensors.length ? "None: everything follows its data." : "None is defined."),
    ),
    h(
      "section",
      { "aria-labelledby": "sensors" },
      h("h2", { id: "sensors", class: "section" }, "Sensors", h("span", { class: "n" }, data.sensors.length)),
      table(
        [
          {
            id: "sensor",
            head: "Sensor",
            class: "c-asset",
            cell: (s) => [
              link(
                `/sensors?sensor=${s.sensor}`,
                { class: "asset" },
                icon(words.icon(s.kind)),
                h(
                  "span",
                  { class: "key" },
                  h("span", { class: "folder" }, words.folder(s.sensor)),
                  h("span", { class: "name" }, words.name(s.sensor)),
                ),
              ),
            ],
          },
          {
            id: "status",
            head: "Last look",
            class: "c-state",
            cell: (s) =>
              s.paused
                ? badge("paused")
                : s.last_tick
                  ? badge(s.last_tick.status, { quiet: s.last_tick.status !== "failed" })
                  : badge("unknown", { quiet: true }),
          },
          { id: "when", head: "When", class: "c-time", cell: (s) => ago(s.last_tick?.ended_at) },
          {
            id: "saw",
            head: "Saw",
            class: "c-why",
            cell: (s) => h("span", { class: "clip" }, s.last_tick?.message ?? "–"),
          },
          { id: "strip", head: "24 hours", class: "c-strip", cell: strip },
          {
            id: "every",
            head: "Looks",
            class: "c-every",
            cell: (s) =>
              s.every_seconds
                ? [`every ${duration(s.every_seconds)}`]
                : h("span", { class: "muted" }, "on change upstream"),
          },
          {
            id: "actions",
            head: "",
            label: "Actions",
            class: "c-actions",
            cell: (s) =>
              ctx.can("operator") &&
              h(
                "span",
                { class: "row-actions" },
                h(
                  "button",
                  { class: "button small", onclick: () => testSensor(s.sensor) },
                  "Test",
                  h("span", { class: "sr" }, ` ${s.sensor}`),
                ),
                h(
                  "button",
                  { class: "button small", onclick: () => pause(ctx, { sensor: s.sensor, paused: !s.paused }) },
                  s.paused ? "Resume" : "Pause",
                  h("span", { class: "sr" }, ` ${s.sensor}`),
                ),
              ),
          },
        ],
        data.sensors,
        {
          key: (s) => s.sensor,
          href: (s) => `/sensors?sensor=${s.sensor}`,
          caption: "Sensors",
          empty: "None: nothing is looked at.",
        },
      ),
    ),
  ];
}

function strip(s) {
  const total = s.strip.reduce((n, b) => ({ c: n.c + b.changed, f: n.f + b.failed }), { c: 0, f: 0 });
  return h(
    "span",
    { class: "strip", role: "img", "aria-label": `in 24 hours ${total.c} changes and ${total.f} failed looks` },
    s.strip.map((b) =>
      h("i", {
        class: b.failed ? "is-failed" : b.changed ? "is-changed" : b.unchanged ? "is-unchanged" : "",
        title: `${clock(b.from)}: ${b.changed} changed, ${b.unchanged} unchanged, ${b.failed} failed`,
      }),
    ),
  );
}

const NOTES = {
  dst_gap: "this time does not exist on that day; it begins right after",
  dst_overlap: "this time comes twice; it begins at the first",
  skipped: "is skipped",
  blackout: "in a blackout",
};

function schedule(ctx, s) {
  return h(
    "article",
    { class: "card" },
    h(
      "div",
      { class: "card-head" },
      h("h3", {}, s.schedule),
      s.paused && badge("paused"),
      h("span", { class: "grow" }),
      ctx.can("operator") &&
        h(
          "button",
          { class: "button small", onclick: () => pause(ctx, { schedule: s.schedule, paused: !s.paused }) },
          s.paused ? "Resume" : "Pause",
          h("span", { class: "sr" }, ` ${s.schedule}`),
        ),
    ),
    h("p", {}, words.sentence(s.text), " ", h("code", {}, s.cron), h("span", { class: "muted" }, ` ${s.timezone}`)),
    h(
      "p",
      {},
      s.assets.map((a) => h("div", {}, assetLink(a))),
    ),
    h("h4", {}, `Next, on the clocks of ${zoneName()}`),
    h(
      "ol",
      { class: "slots" },
      s.next.map((n) =>
        h(
          "li",
          { class: n.note?.startsWith("dst") ? "dst" : "" },
          at(n.at),
          h("span", { class: "muted" }, zoneName() === s.timezone ? relative(n.at) : n.local),
          n.note && h("span", { class: "risk" }, icon("clock"), NOTES[n.note]),
        ),
      ),
    ),
    s.dst_days.length > 0 &&
      h(
        "p",
        { class: "notice is-info" },
        icon("clock"),
        h(
          "span",
          {},
          h("b", {}, s.dst_days[0].date),
          ": the clocks go ",
          s.dst_days[0].kind,
          "; ",
          s.dst_days[0].sentence,
          ".",
        ),
      ),
    s.last &&
      h(
        "p",
        { class: "muted small" },
        "Last ",
        at(s.last.slot),
        `: ${s.last.disposition}, ${s.last.reason.replaceAll("_", " ")} `,
        s.last.run && runLink(s.last.run),
      ),
  );
}

function ticks(ctx, data) {
  const { sensor, status } = ctx.query,
    one = data.sensors.find((s) => s.sensor === sensor);
  return h(
    "section",
    { class: "panel", "aria-labelledby": "ticks" },
    h(
      "div",
      { class: "section-row" },
      h("h2", { id: "ticks" }, sensor ? `Looks of ${sensor}` : "Looks"),
      h("span", { class: "grow" }),
      segmented(
        "status",
        "Status",
        [
          ["", "All"],
          ["changed", "Changed"],
          ["failed", "Failed"],
        ],
        status ?? "",
      ),
      h(
        "button",
        {
          class: "button icon-only",
          "aria-label": "Close",
          onclick: () => setQuery({ sensor: null, status: null, cursor: null }),
        },
        icon("close"),
      ),
    ),
    one &&
      h(
        "p",
        { class: "muted" },
        one.next_at && ["Next look ", ago(one.next_at), " · "],
        `A look takes ${duration(one.p50_seconds)}`,
      ),
    one?.cursor &&
      h("details", { class: "twin" }, h("summary", {}, "Cursor"), h("code", { class: "cursor" }, one.cursor)),
    table(
      [
        { id: "at", head: "Ended", class: "c-time", cell: (t) => at(t.ended_at, true) },
        { id: "status", head: "Status", cell: (t) => badge(t.status, { quiet: t.status !== "failed" }) },
        !sensor && { id: "sensor", head: "Sensor", cell: (t) => t.sensor },
        { id: "count", head: "Looks", class: "num", cell: (t) => words.count(t.count) },
        { id: "saw", head: "Saw", cell: (t) => h("span", { class: "mono" }, t.message) },
      ].filter(Boolean),
      data.ticks.ticks,
      { caption: "Ticks" },
    ),
    pager(data.ticks.next),
  );
}
