// The words of the pages. Reasons are not here: those come from the server as sentences.

export const STATES = {
  late: "late",
  failed: "failed",
  held: "held",
  refreshing: "refreshing",
  parked: "parked",
  stale: "stale",
  unknown: "unknown",
  paused: "paused",
  up_to_date: "fresh",
  seen: "seen",
  branch: "branch",
  mixed: "mixed",
  queued: "queued",
  running: "running",
  succeeded: "succeeded",
  cancelled: "cancelled",
  skipped: "skipped",
  waiting: "waiting",
  retrying: "retrying",
  unchanged: "unchanged",
  changed: "changed",
  at_risk: "at risk",
};
export const state = (word) => STATES[word] ?? String(word ?? "").replaceAll("_", " ");
export const PHASES = {
  queued: "Queued",
  preflight: "Pre-flight",
  posting: "Posting",
  remote: "Remote",
  reconciling: "Reconciling",
  verifying: "Verifying",
  retry_wait: "Waits to retry",
  parked: "Parked",
  working: "Working",
};
export const phase = (word) => PHASES[word] ?? word;
export const KINDS = {
  "powerbi.semantic_model": "Semantic model",
  "powerbi.dataflow": "Dataflow",
  "sql.table": "Table",
  "dbt.model": "dbt model",
  "s3.object": "S3 object",
  branch: "Branch",
  group: "Group",
};
export const kind = (word) => KINDS[word] ?? word;
export const ICONS = {
  "powerbi.semantic_model": "model",
  "powerbi.dataflow": "flow",
  "sql.table": "table",
  branch: "branch",
  group: "group",
  "s3.object": "object",
};
export const icon = (word) => ICONS[word] ?? (String(word).startsWith("dbt") ? "node" : "node");
export const DELAYS = {
  quiet_period: "waits until nothing moves",
  inside_min_interval: "ran a moment ago",
  failed_recently: "failed a while ago",
  failed_for_good: "waits for a person or other inputs",
  unknown_recently: "waits for its input",
  staggered: "others go first",
  blackout: "blackout",
  quota_exhausted: "refreshes used up",
  throttled: "asked to wait",
  foreign_refresh_running: "somebody else refreshes",
};
export const delay = (word) => DELAYS[word] ?? word;
export const TRIGGERS = {
  sensor: "sensor",
  manual: "by hand",
  retry: "retry",
  max_skip: "max_skip",
  day_change: "new day",
  startup: "start",
  schedule: "schedule",
  event: "event",
  backfill: "backfill",
};
export const trigger = (word) => TRIGGERS[word] ?? word;
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
export const count = (n) => new Intl.NumberFormat("en-GB").format(n);
export const percent = (n) =>
  n === null || n === undefined
    ? "–"
    : new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: n > 0.995 && n < 1 ? 1 : 0 }).format(n);
/** A sentence that begins with a capital, unless with a key, and ends with a full stop. */
export const sentence = (text) =>
  text ? ended((/^\S*[/_]/.test(text) ? text[0] : text[0].toUpperCase()) + text.slice(1)) : "";
/** The same with nothing but the full stop added. */
export const ended = (text) => (text && !/[.!?]$/.test(text) ? `${text}.` : (text ?? ""));
export const name = (key) => key.slice(key.lastIndexOf("/") + 1);
export const folder = (key) => key.slice(0, key.lastIndexOf("/") + 1);
