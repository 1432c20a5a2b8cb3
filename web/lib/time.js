// Moments, ages and durations, in the zone that the reader chose and on the server's clock.

import { h } from "./dom.js";

let offset = 0,
  zone = localStorage.getItem("zone") || "project",
  projectZone = "UTC";
const formats = new Map();

/** The server's clock goes before the browser's. */
export function setServerTime(text) {
  if (text) offset = Date.parse(text) - Date.now();
}
export const now = () => Date.now() + offset;
export const setProjectZone = (name) => {
  if (name) projectZone = name;
};
export const zoneChoice = () => zone;
export function setZone(name) {
  zone = name;
  localStorage.setItem("zone", name);
  formats.clear();
}
export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zoneName = () => ({ utc: "UTC", browser: browserZone(), project: projectZone })[zone] ?? projectZone;
export const projectZoneName = () => projectZone;

function format(options, timeZone = zoneName()) {
  const key = JSON.stringify([options, timeZone]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone, ...options }));
  return formats.get(key);
}

const day = (t) => format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(t);

/** `07:30`; with the day where that is not today. */
export function clock(text, seconds = false) {
  const t = Date.parse(text);
  const time = format({
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).format(t);
  if (day(t) === day(now())) return time;
  const near = Math.abs(t - now()) < 6 * 86_400_000;
  return `${format(near ? { weekday: "short" } : { day: "numeric", month: "short" }).format(t)} ${time}`;
}

export const full = (text) =>
  format({
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(Date.parse(text));
export const dayName = (text) => {
  const t = Date.parse(text);
  if (day(t) === day(now())) return "Today";
  if (day(t) === day(now() - 86_400_000)) return "Yesterday";
  return format({ weekday: "long", day: "numeric", month: "long" }).format(t);
};
export const dayKey = (text) => day(Date.parse(text));

/** `12 s`, `3 min`, `2 h 14 min`, `3 d 4 h`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const exact = Math.max(0, seconds),
    n = exact < 90 ? exact : Math.round(exact);
  if (n > 0 && n < 0.1) return `${Math.max(1, Math.round(n * 1000))} ms`;
  if (n < 10 && n % 1) return `${n.toFixed(1)} s`;
  if (n < 90) return `${Math.round(n)} s`;
  if (n < 3600) return `${Math.floor(n / 60)} min${n < 600 && Math.round(n % 60) ? ` ${Math.round(n % 60)} s` : ""}`;
  if (n < 172_800)
    return `${Math.floor(n / 3600)} h${Math.floor((n % 3600) / 60) ? ` ${Math.floor((n % 3600) / 60)} min` : ""}`;
  return `${Math.floor(n / 86_400)} d${Math.floor((n % 86_400) / 3600) ? ` ${Math.floor((n % 86_400) / 3600)} h` : ""}`;
}

/** In one unit, for a narrow place: `3 min`, `2 h`. */
export function briefly(seconds) {
  const n = Math.abs(seconds);
  if (n < 90) return `${Math.round(n)} s`;
  if (n < 5400) return `${Math.round(n / 60)} min`;
  if (n < 172_800) return `${Math.round(n / 3600)} h`;
  return `${Math.round(n / 86_400)} d`;
}

export function relative(text) {
  const seconds = (now() - Date.parse(text)) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds < 0 ? `in ${briefly(seconds)}` : `${briefly(seconds)} ago`;
}

/** A moment: how long ago, with the exact one at hand. */
export function ago(text, fallback = "–") {
  if (!text) return h("span", { class: "muted" }, fallback);
  return h("time", { datetime: text, title: full(text), "data-ago": text }, relative(text));
}

/** A moment on the clock, with the exact one at hand. */
export function at(text, seconds) {
  if (!text) return h("span", { class: "muted" }, "–");
  return h("time", { datetime: text, title: full(text) }, clock(text, seconds));
}

/** Ages move on by themselves. */
setInterval(() => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-ago]")) {
    const text = relative(element.dataset.ago);
    if (element.textContent !== text) element.textContent = text;
  }
}, 5000);
