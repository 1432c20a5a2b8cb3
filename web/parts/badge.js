import { h } from "../lib/dom.js";
import { link } from "../lib/router.js";
import * as words from "../lib/words.js";
import { icon, shape } from "./icon.js";

/** A state as shape, word and colour. */
export const badge = (state, { late = false, quiet = false } = {}) => {
  const shown = late && !["failed"].includes(state) ? "late" : state;
  return h(
    "span",
    { class: `badge is-${shown}${quiet ? " quiet" : ""}` },
    shape(shown),
    h("span", {}, words.state(shown)),
  );
};

const OPERATIONS = {
  completed: "succeeded",
  accepted: "running",
  prepared: "queued",
  ambiguous: "held",
  unresolved: "held",
  cancelled: "cancelled",
  not_found: "cancelled",
};

/** A remote operation's state. */
export const operationBadge = (state) => {
  const like = OPERATIONS[state] ?? "failed";
  return h(
    "span",
    { class: `badge is-${like}${state === "completed" ? " quiet" : ""}` },
    shape(like),
    h("span", {}, words.state(state)),
  );
};

const face = (key, { kind, short = false } = {}) => [
  kind && icon(words.icon(kind)),
  h(
    "span",
    { class: "key" },
    !short && h("span", { class: "folder" }, words.folder(key)),
    h("span", { class: "name" }, words.name(key)),
  ),
];

/** An asset's key: the folder quiet, the name plain, and where it leads. */
export const assetLink = (key, options) => link(`/assets/${key}`, { class: "asset", title: key }, face(key, options));

/** The same without a link, for places that are pressed as a whole. */
export const keyText = (key, options) => h("span", { class: "asset", title: key }, face(key, options));

export const runLink = (id) => link(`/runs/${id}`, { class: "mono", title: id }, id.slice(-8));
export const pill = (text, extra = "") => h("span", { class: `pill ${extra}` }, text);
export const owner = (text) => h("span", { class: "muted" }, text.replace(/^team:/, ""));

/** A sentence in which each asset's key is a link. */
export function linked(text, keys) {
  const found = [...new Set(keys)].filter((key) => key && text.includes(key)).sort((a, b) => b.length - a.length);
  let pieces = [text];
  for (const key of found) {
    pieces = pieces.flatMap((piece) =>
      typeof piece !== "string"
        ? [piece]
        : piece
            .split(key)
            .flatMap((rest, i) => (i ? [link(`/assets/${key}`, { class: "inline" }, key), rest] : [rest])),
    );
  }
  return pieces;
}

/** The last outcomes as small bars, the latest on the right; the height is how long each took. */
export function outcomes(rows) {
  if (!rows.length) return h("span", { class: "muted" }, "–");
  const most = Math.max(...rows.map((r) => r.duration_seconds), 1);
  const failed = rows.filter((r) => r.status === "failed").length;
  return h(
    "span",
    { class: "outcomes", role: "img", "aria-label": `last ${rows.length} refreshes, ${failed} failed` },
    rows.map((r) =>
      h("i", { class: `is-${r.status}`, vars: { tall: `${Math.round(25 + 75 * (r.duration_seconds / most))}%` } }),
    ),
  );
}
