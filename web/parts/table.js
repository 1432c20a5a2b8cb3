import { h } from "../lib/dom.js";
import { link, navigate, query, setQuery } from "../lib/router.js";
import { icon } from "./icon.js";

/**
 * A table whose rows are opened with Enter or a click, and walked with j and k.
 *
 * columns: [{ id, head, cell(row), class, sort }];
 * options: { key(row), href(row), caption, empty, sort, onSort, detail(row) }.
 */
export function table(columns, rows, options = {}) {
  if (!rows.length) return h("div", { class: "empty" }, options.empty ?? "Nothing here.");
  const head = h(
    "tr",
    {},
    columns.map((c) => {
      if (!c.sort)
        return h("th", { scope: "col", class: c.class }, c.head || h("span", { class: "sr" }, c.label ?? c.id));
      const isSorted = (options.sort ?? "") === c.sort;
      return h(
        "th",
        { scope: "col", class: c.class, "aria-sort": isSorted ? "ascending" : null },
        h(
          "button",
          { class: "sort", onclick: () => setQuery({ sort: c.sort, cursor: null }) },
          c.head,
          isSorted && icon("down"),
        ),
      );
    }),
  );
  const body = rows.map((row) => {
    const href = options.href?.(row);
    return h(
      "tr",
      {
        "data-key": options.key?.(row),
        "data-href": href,
        class: `${href ? "opens" : ""} ${options.rowClass?.(row) ?? ""}`,
        onclick: href
          ? (event) => {
              if (!event.target.closest("a,button,input,label,summary") && !getSelection().toString()) navigate(href);
            }
          : null,
      },
      columns.map((c, i) =>
        h(
          i === 0 && options.rowHead !== false ? "th" : "td",
          { ...(i === 0 && options.rowHead !== false ? { scope: "row" } : {}), class: c.class, "data-label": c.head },
          c.cell(row),
        ),
      ),
    );
  });
  return h(
    "div",
    { class: "table-box", tabindex: 0, role: "region", "aria-label": options.caption ?? "Table" },
    h(
      "table",
      { class: `table ${options.class ?? ""}` },
      options.caption && h("caption", { class: "sr" }, options.caption),
      h("thead", {}, head),
      h("tbody", {}, body),
    ),
  );
}

/** Where a project defines nothing yet: what to do about it. */
export const nothing = (what) =>
  h(
    "div",
    { class: "empty" },
    h("p", {}, `No ${what} is defined yet.`),
    h(
      "p",
      {},
      "Write one into the project's files, check them with ",
      h("code", {}, "freshet check"),
      ", and load them under ",
      link("/config", { class: "inline" }, "Config"),
      ".",
    ),
  );

/** Links to the first and the next page. */
export function pager(next) {
  const first = query().cursor;
  if (!next && !first) return null;
  return h(
    "nav",
    { class: "pager", "aria-label": "Further rows" },
    h("button", { class: "button", disabled: !first, onclick: () => setQuery({ cursor: null }) }, "First page"),
    h("button", { class: "button", disabled: !next, onclick: () => setQuery({ cursor: next }) }, "Next page"),
  );
}

/** Labelled choices that live in the address. */
export function select(name, label, choices, value, fallback = "All") {
  return h(
    "label",
    { class: "field inline" },
    h("span", {}, label),
    h(
      "select",
      { onchange: (e) => setQuery({ [name]: e.target.value, cursor: null }) },
      fallback !== null && h("option", { value: "", selected: !value }, fallback),
      choices.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
    ),
  );
}

/** Choices side by side, of which one holds. */
export function segmented(name, label, choices, value) {
  return h(
    "div",
    { class: "segmented", role: "group", "aria-label": label },
    choices.map(([key, text, extra]) =>
      h(
        "button",
        { "aria-pressed": String(value === key), onclick: () => setQuery({ [name]: key, cursor: null }) },
        text,
        extra !== undefined && h("span", { class: "n" }, extra),
      ),
    ),
  );
}

/** Rows of term and value. */
export const facts = (rows) =>
  h(
    "dl",
    { class: "facts" },
    rows
      .filter((r) => r && r[1] !== null && r[1] !== undefined)
      .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );
