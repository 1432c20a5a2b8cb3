// Addresses are the state of a page: whatever one sees can be sent to somebody.

import { h } from "./dom.js";

let go = () => {};
export const onNavigate = (work) => {
  go = work;
};

export function navigate(path, { replace = false } = {}) {
  if (path === location.pathname + location.search + location.hash) replace = true;
  history[replace ? "replaceState" : "pushState"]({}, "", path);
  go();
}

/** A link that needs no page load; with a modifier key it is an ordinary one. */
export function link(path, attributes, ...children) {
  return h("a", { href: path, ...attributes, onclick: follow }, ...children);
}

function follow(event) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  event.stopPropagation();
  navigate(event.currentTarget.getAttribute("href"));
}

export const query = () => Object.fromEntries(new URLSearchParams(location.search));

/** The present address with some of its query changed. */
export function withQuery(changes, path = location.pathname) {
  const values = { ...query(), ...changes };
  const kept = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== "" && v !== false);
  const text = new URLSearchParams(kept)
    .toString()
    .replaceAll("%2F", "/")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",");
  return path + (text ? `?${text}` : "");
}

export const setQuery = (changes, options) => navigate(withQuery(changes), options);
