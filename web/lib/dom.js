// Elements without markup in strings: nothing here ever parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open", "indeterminate"]);

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "vars") for (const [key, v] of Object.entries(value)) element.style.setProperty(`--${key}`, v);
    else if (PROPERTIES.has(name)) element[name] = value === true ? true : value;
    else element.setAttribute(name, value === true ? "" : value);
    if (PROPERTIES.has(name) && name !== "value") element.toggleAttribute(name, Boolean(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An HTML element. `on…` are handlers, `vars` custom properties, the rest attributes. */
export const h = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);

/** An SVG element, by the same rules. */
export const s = (tag, attributes, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

const HANDLERS = [
  "onclick",
  "oninput",
  "onchange",
  "onsubmit",
  "onkeydown",
  "ontoggle",
  "onpointerenter",
  "onpointerleave",
  "onfocus",
  "ondblclick",
];

/**
 * Makes the children of `old` those of `fresh`, keeping the elements that stay: focus, selection and scroll survive a
 * refresh.
 * An element with `data-keep` looks after itself and is left alone.
 */
export function morph(old, fresh) {
  const keyed = new Map();
  for (const child of old.children) if (child.id || child.dataset?.key) keyed.set(child.id || child.dataset.key, child);
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = next.nodeType === 1 && (next.id || next.dataset?.key);
    const match = key && keyed.get(key);
    if (match && match !== at) {
      old.insertBefore(match, at);
      at = match;
    }
    if (at && same(at, next, key)) {
      patch(at, next);
      at = at.nextSibling;
    } else old.insertBefore(next, at);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function same(a, b, key) {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return a.nodeType !== 1 || (a.id || a.dataset?.key || "") === (key || "");
}

function patch(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.dataset.keep !== undefined && old.dataset.keep === fresh.dataset.keep) return;
  const isOpen = old.nodeName === "DETAILS" && old.open;
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open" && isOpen)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.style && fresh.style && old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  for (const name of HANDLERS) if (old[name] !== fresh[name]) old[name] = fresh[name];
  if ("value" in old && old.nodeName !== "LI" && document.activeElement !== old && old.value !== fresh.value)
    old.value = fresh.value;
  morph(old, fresh);
}

/** At most one call in so many milliseconds, the last one included. */
export function throttle(work, wait) {
  let timer = 0,
    last = 0;
  return (...given) => {
    clearTimeout(timer);
    const left = wait - (Date.now() - last);
    timer = setTimeout(
      () => {
        last = Date.now();
        work(...given);
      },
      Math.max(0, left),
    );
  };
}

/** Says something to a screen reader, once it has a moment. */
export function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}
