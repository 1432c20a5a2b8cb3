import { s } from "../lib/dom.js";

// 16 by 16, drawn with strokes in the text's colour.
const PATHS = {
  overview: "M2.5 3.5h11M2.5 8h7M2.5 12.5h9",
  lineage: "M2 4.5h3.5v3H2zM10.5 2H14v3h-3.5zM10.5 11H14v3h-3.5zM5.5 6h2v6.5h3M7.5 6V3.5h3",
  assets: "M2.5 4.5 8 2l5.5 2.5L8 7zM2.5 8 8 10.5 13.5 8M2.5 11.5 8 14l5.5-2.5",
  runs: "M3 3.5v9l4-4.5zM8 3.5v9l5-4.5z",
  sensors: "M8 8h.01M5.2 5.2a4 4 0 0 0 0 5.6M10.8 5.2a4 4 0 0 1 0 5.6M3 3a7 7 0 0 0 0 10M13 3a7 7 0 0 1 0 10",
  launch: "M5 3l8 5-8 5z",
  savings: "M2.5 12.5c2-5 4-1 6-5s3-4 5-4M2.5 13.5h11",
  config: "M6 2.5H3.5v11h9v-8l-3-3zM6 8h4M6 10.5h4",
  audit: "M8 2 3 4v4c0 3 2 5 5 6 3-1 5-3 5-6V4zM6 8l1.5 1.5L10.5 6.5",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5l3 3",
  close: "M4 4l8 8M12 4l-8 8",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  sun:
    "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z" +
    "M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  auto: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11z",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  clock: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3l2 1.5",
  user: "M8 3a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM3.5 13.5c.5-3 2.3-4 4.5-4s4 1 4.5 4",
  link: "M6.5 9.5l3-3M7 4.5l1-1a3 3 0 0 1 4.5 4.5l-1 1M9 11.5l-1 1A3 3 0 0 1 3.5 8l1-1",
  external: "M9.5 2.5h4v4M13.5 2.5 8 8M11.5 9v4.5h-9v-9H7",
  retry: "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v3h-3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  stop: "M4 4h8v8H4z",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  download: "M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.3h.01",
  info: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 7.5v3M8 5.2h.01",
  plug: "M6 2v3M10 2v3M4.5 5h7v2.5a3.5 3.5 0 0 1-7 0zM8 11v3",
  focus: "M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2",
  flask: "M6.5 2.5v4L3 13.5h10L9.5 6.5v-4M5.5 2.5h5",
  model: "M3 12.5v-4M6.3 12.5v-9M9.7 12.5v-6M13 12.5v-8",
  flow: "M2.5 5h6a2.5 2.5 0 0 1 0 5H6M8 7.5 5.5 10 8 12.5M11 5h2.5",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6",
  node: "M8 2.5 13 5.3v5.4L8 13.5 3 10.7V5.3z",
  branch: "M8 2l6 6-6 6-6-6z",
  group: "M2.5 4.5h4l1 1.5h6v7h-11z",
  object: "M3 4.5C3 3 13 3 13 4.5v7c0 1.5-10 1.5-10 0zM3 4.5C3 6 13 6 13 4.5",
  late: "M8 3.2a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM8 5.5v3l1.8 1.2",
  arrow: "M3 8h10M9.5 4.5 13 8l-3.5 3.5",
  keyboard: "M1.5 4.5h13v7h-13zM4 7h.01M6.5 7h.01M9 7h.01M11.5 7h.01M5 9.5h6",
  bell: "M4.5 11V7a3.5 3.5 0 0 1 7 0v4l1 1h-9zM7 13.5h2",
  resolve: "M3 8.5l3 3 7-7",
  path:
    "M3.5 12.5a1 1 0 1 0 0-.01M12.5 3.5a1 1 0 1 0 0-.01" +
    "M4.5 12.5h4a2 2 0 0 0 2-2v-1a2 2 0 0 0-2-2h-1a2 2 0 0 1-2-2v-.5a2 2 0 0 1 2-2h4",
};

export const icon = (name, label) =>
  s(
    "svg",
    {
      class: "icon",
      viewBox: "0 0 16 16",
      width: 16,
      height: 16,
      ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }),
    },
    s("path", { d: PATHS[name] ?? PATHS.info }),
  );

// Each state has a shape of its own: colour is never the only difference. 12 by 12, filled.
const SHAPES = {
  late: "M6 .8 11.5 10.8H.5z",
  failed: "M2.2.8.8 2.2 4.6 6 .8 9.8l1.4 1.4L6 7.4l3.8 3.8 1.4-1.4L7.4 6l3.8-3.8L9.8.8 6 4.6z",
  held: "M1.5 1.5h9v9h-9z",
  refreshing: "M6 .8a5.2 5.2 0 1 0 5.2 5.2H9A3 3 0 1 1 6 3z",
  parked: "M6 .8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 6 .8zM5 3v3.6l2.6 1.6.8-1.3L6.6 5.8V3z",
  stale: "M6 .5 11.5 6 6 11.5.5 6zM6 3 3 6l3 3 3-3z",
  unknown: "M6 .8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 6 .8zm0 2A3.2 3.2 0 1 0 6 9.200 3.200 3.200 0 0 0 6 2.800z",
  paused: "M2 1.200h3v9.600H2zM7 1.200h3v9.600H7z",
  up_to_date: "M6 .8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 6 .8z",
  seen: "M6 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  branch: "M6 1l5 5-5 5-5-5z",
  skipped: "M1 5h10v2H1z",
};
const ALIKE = {
  succeeded: "up_to_date",
  running: "refreshing",
  queued: "parked",
  retrying: "parked",
  waiting: "unknown",
  cancelled: "held",
  unchanged: "seen",
  changed: "stale",
  mixed: "unknown",
  at_risk: "late",
  materialized: "up_to_date",
  run: "refreshing",
  skip: "skipped",
  hold: "held",
  wait: "unknown",
};

export const shapePath = (state) => SHAPES[state] ?? SHAPES[ALIKE[state]] ?? SHAPES.unknown;
export const shape = (state, size = 10) =>
  s(
    "svg",
    { class: `shape is-${state}`, viewBox: "0 0 12 12", width: size, height: size, "aria-hidden": "true" },
    s("path", { d: shapePath(state), "fill-rule": "evenodd" }),
  );
