import { h } from "../lib/dom.js";
import { navigate } from "../lib/router.js";
import { dialog } from "./dialog.js";

const PLACES = {
  o: ["/", "Overview"],
  l: ["/lineage", "Lineage"],
  a: ["/assets", "Assets"],
  r: ["/runs", "Runs"],
  s: ["/sensors", "Sensors & schedules"],
  p: ["/launch", "Launch"],
  v: ["/savings", "Savings"],
  c: ["/config", "Config"],
  u: ["/audit", "Audit"],
};
let waiting = 0;
export const isOn = () => localStorage.getItem("shortcuts") !== "off";

/** Single keys, which a person can switch off. */
export function listen({ search }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return search();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
    if (event.target.closest?.("input,textarea,select,dialog,[contenteditable]")) return;
    const key = event.key;
    if (Date.now() - waiting < 1200 && PLACES[key]) {
      waiting = 0;
      event.preventDefault();
      return navigate(PLACES[key][0]);
    }
    if (key === "g") {
      waiting = Date.now();
      return;
    }
    if (key === "/") {
      event.preventDefault();
      return search();
    }
    if (key === "?") {
      event.preventDefault();
      return help();
    }
    if (key === "j" || key === "k") {
      event.preventDefault();
      return step(key === "j" ? 1 : -1);
    }
  });
}

/** Walks the rows of the page. */
function step(by) {
  const rows = [...document.querySelectorAll("main [data-href]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  (row.querySelector("a") ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
}

export function help() {
  const row = (keys, text) =>
    h(
      "div",
      { class: "shortcut" },
      h(
        "dt",
        {},
        keys.map((k) => h("kbd", {}, k)),
      ),
      h("dd", {}, text),
    );
  dialog({
    title: "Keyboard",
    body: h(
      "div",
      { class: "shortcuts" },
      h(
        "section",
        {},
        h("h3", {}, "Go to"),
        h(
          "dl",
          {},
          Object.entries(PLACES).map(([key, [, name]]) => row(["g", key], name)),
        ),
      ),
      h(
        "section",
        {},
        h("h3", {}, "Anywhere"),
        h(
          "dl",
          {},
          row(["/"], "Search"),
          row(["Ctrl", "K"], "Search"),
          row(["?"], "This list"),
          row(["j"], "Next row"),
          row(["k"], "Row before"),
          row(["Enter"], "Open"),
          row(["Esc"], "Close"),
        ),
        h("h3", {}, "Lineage"),
        h(
          "dl",
          {},
          row(["←", "→"], "Along the edges"),
          row(["↑", "↓"], "Within a layer"),
          row(["Enter"], "Details"),
          row(["f"], "Focus"),
          row(["t"], "As a table"),
          row(["+", "−"], "Zoom"),
          row(["0"], "Fit"),
        ),
      ),
      h(
        "label",
        { class: "check" },
        h("input", {
          type: "checkbox",
          checked: isOn(),
          onchange: (e) => localStorage.setItem("shortcuts", e.target.checked ? "on" : "off"),
        }),
        "Single-key shortcuts",
      ),
    ),
  });
}
