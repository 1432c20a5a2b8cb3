import { get } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { navigate } from "../lib/router.js";
import * as words from "../lib/words.js";
import { routes } from "../routes.js";
import { badge } from "./badge.js";
import { icon } from "./icon.js";

/** Search over assets, runs and pages; a combobox that is walked with the arrows. */
export function openSearch(app) {
  if (document.querySelector("dialog.search") || !app.session?.authenticated) return;
  const before = document.activeElement;
  const list = h("ul", { role: "listbox", id: "search-list", "aria-label": "Found" });
  const input = h("input", {
    type: "search",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "search-list",
    "aria-label": "Search assets, runs, pages",
    placeholder: "Search assets, runs, pages",
    autocomplete: "off",
    spellcheck: "false",
  });
  const box = h(
    "dialog",
    {
      class: "search",
      "aria-label": "Search",
      onclick: (e) => {
        if (e.target === box) close();
      },
    },
    h("div", { class: "search-field" }, icon("search"), input, h("kbd", {}, "Esc")),
    list,
  );
  let found = [],
    at = 0,
    asked = 0;
  function close() {
    box.close();
    box.remove();
    before?.focus?.();
  }
  function choose(item) {
    close();
    if (item) navigate(item.href);
  }
  function draw() {
    list.replaceChildren(
      ...found.map((item, i) =>
        h(
          "li",
          { role: "option", id: `found-${i}`, "aria-selected": String(i === at), onclick: () => choose(item) },
          item.face,
        ),
      ),
    );
    if (found.length) input.setAttribute("aria-activedescendant", `found-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (!found.length)
      list.replaceChildren(h("li", { class: "none", role: "option", "aria-disabled": "true" }, "Nothing found."));
  }
  async function look() {
    const text = input.value.trim(),
      mine = ++asked;
    const pages = routes
      .filter((r) => r.name && r.name.toLowerCase().includes(text.toLowerCase()))
      .map((r) => ({
        href: r.href,
        face: [icon(r.icon), h("span", { class: "grow" }, r.name), h("span", { class: "muted" }, "page")],
      }));
    const runs = /^[0-9a-f-]{6,}$/.test(text)
      ? [
          {
            href: `/runs/${text}`,
            face: [icon("runs"), h("span", { class: "grow mono" }, text), h("span", { class: "muted" }, "run")],
          },
        ]
      : [];
    let assets = [];
    try {
      const answer = await get("/assets", { q: text, limit: 12, sort: text ? null : "state" });
      assets = answer.assets.map((a) => ({
        href: `/assets/${a.asset}`,
        face: [
          icon(words.icon(a.kind)),
          h(
            "span",
            { class: "grow key" },
            h("span", { class: "folder" }, words.folder(a.asset)),
            h("span", { class: "name" }, words.name(a.asset)),
          ),
          badge(a.state, { late: a.late, quiet: true }),
        ],
      }));
    } catch {
      /* pages are found all the same */
    }
    if (mine !== asked) return;
    found = text ? [...runs, ...assets, ...pages] : [...assets.slice(0, 6), ...pages];
    at = 0;
    draw();
  }
  // What is pressed before the answer is there is meant for the answer.
  let looking = null;
  const search = () => (looking = look());
  input.oninput = search;
  input.onkeydown = async (e) => {
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(e.key)) return;
    e.preventDefault();
    await looking;
    if (e.key === "Enter") return choose(found[at]);
    at = (at + (e.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length);
    draw();
  };
  box.addEventListener("cancel", (e) => {
    e.preventDefault();
    close();
  });
  document.body.append(box);
  box.showModal();
  input.focus();
  search();
}
