import { get } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { clock } from "../lib/time.js";
import * as words from "../lib/words.js";
import { toast } from "./dialog.js";
import { icon } from "./icon.js";

const ROW = 24;
const LEVELS = ["debug", "info", "warning", "error"];

/** A live log that draws only the lines in view. */
export class Log {
  #lines = [];
  #view;
  #space;
  #rows;
  #status;
  #follow = true;
  constructor(ctx) {
    const q = ctx.query;
    this.run = ctx.params.run;
    this.filter = { level: q.level ?? "", asset: q.step ?? "", q: q.find ?? "" };
    this.#rows = h("ol", { class: "log-rows" });
    this.#space = h("div", { class: "log-space" }, this.#rows);
    this.#view = h(
      "div",
      { class: "log-view", tabindex: 0, role: "log", "aria-label": "Log", "aria-live": "off" },
      this.#space,
    );
    this.#status = h("span", { class: "muted", role: "status" });
    this.#view.addEventListener("scroll", () => {
      this.#follow = this.#view.scrollTop + this.#view.clientHeight > this.#space.offsetHeight - ROW * 2;
      this.draw();
    });
  }

  /** The element; kept as it is when the page around it is drawn again. */
  element(steps) {
    if (this.#view.isConnected) return h("section", { id: "log", "data-keep": "log" });
    return h(
      "section",
      { class: "panel log", id: "log", "data-keep": "log" },
      h(
        "div",
        { class: "section-row" },
        h("h2", {}, "Log"),
        this.#status,
        h(
          "div",
          { class: "filters" },
          h(
            "label",
            { class: "field inline" },
            h("span", { class: "sr" }, "Find in the log"),
            h("input", {
              type: "search",
              placeholder: "Find",
              value: this.filter.q,
              oninput: (e) => this.set({ q: e.target.value }, { find: e.target.value }),
            }),
          ),
          h(
            "label",
            { class: "field inline" },
            h("span", { class: "sr" }, "Level"),
            h(
              "select",
              { onchange: (e) => this.set({ level: e.target.value }, { level: e.target.value }) },
              h("option", { value: "" }, "Every level"),
              LEVELS.slice(1).map((l) =>
                h("option", { value: l, selected: l === this.filter.level }, `${l} and above`),
              ),
            ),
          ),
          steps.length > 1 &&
            h(
              "label",
              { class: "field inline" },
              h("span", { class: "sr" }, "Step"),
              h(
                "select",
                { onchange: (e) => this.set({ asset: e.target.value }, { step: e.target.value }) },
                h("option", { value: "" }, "Every step"),
                steps.map((s) =>
                  h("option", { value: s.asset, selected: s.asset === this.filter.asset }, words.name(s.asset)),
                ),
              ),
            ),
          h(
            "label",
            { class: "check" },
            h("input", {
              type: "checkbox",
              onchange: (e) => {
                this.#view.classList.toggle("wrapped", e.target.checked);
                this.draw();
              },
            }),
            "Wrap",
          ),
          h("button", { class: "button small", onclick: () => this.save() }, icon("download"), "Save"),
        ),
      ),
      this.#view,
    );
  }

  set(filter, state) {
    Object.assign(this.filter, filter);
    history.replaceState({}, "", this.#url(state));
    this.draw();
  }
  #url(state) {
    const u = new URL(location);
    for (const [k, v] of Object.entries(state)) v ? u.searchParams.set(k, v) : u.searchParams.delete(k);
    return u;
  }

  async load() {
    let cursor = null,
      all = [];
    do {
      const page = await get(`/runs/${this.run}/log`, { limit: 1000, cursor });
      all = all.concat(page.lines);
      cursor = page.next;
    } while (cursor && all.length < 10_000);
    this.#lines = all;
    this.#view.closest(".log")?.classList.toggle("silent", all.length === 0);
    this.draw();
    const wanted = /^#L(.+)-(\d+)$/.exec(decodeURIComponent(location.hash));
    const index = wanted
      ? this.#shown().findIndex((l) => words.name(l.asset) === wanted[1] && l.number === Number(wanted[2]))
      : -1;
    this.#view.scrollTop = index >= 0 ? index * ROW - 60 : this.#space.offsetHeight;
  }

  /** A line that has just been written. */
  add(line) {
    this.#lines.push(line);
    this.#view.closest(".log")?.classList.remove("silent");
    this.draw();
  }

  #shown() {
    const least = LEVELS.indexOf(this.filter.level || "debug"),
      text = this.filter.q.toLowerCase();
    return this.#lines.filter(
      (l) =>
        LEVELS.indexOf(l.level) >= least &&
        (!this.filter.asset || l.asset === this.filter.asset) &&
        (!text || l.message.toLowerCase().includes(text)),
    );
  }

  draw() {
    const lines = this.#shown(),
      wraps = this.#view.classList.contains("wrapped");
    const first = wraps ? 0 : Math.max(0, Math.floor(this.#view.scrollTop / ROW) - 10),
      count = wraps ? lines.length : Math.ceil((this.#view.clientHeight || 300) / ROW) + 20;
    this.#space.style.setProperty("--tall", wraps ? "auto" : `${lines.length * ROW}px`);
    this.#rows.style.setProperty("--shift", `${first * ROW}px`);
    const many = new Set(this.#lines.map((l) => l.asset)).size > 1;
    const marked = decodeURIComponent(location.hash);
    this.#rows.replaceChildren(
      ...lines.slice(first, first + count).map((l) => {
        const id = `#L${words.name(l.asset)}-${l.number}`;
        return h(
          "li",
          { class: `log-line is-${l.level}${marked === id ? " marked" : ""}` },
          h(
            "a",
            {
              href: id,
              class: "n",
              "aria-label": `Line ${l.number}`,
              onclick: (e) => {
                e.preventDefault();
                history.replaceState({}, "", id);
                navigator.clipboard?.writeText(location.href).then(
                  () => toast("Link copied"),
                  () => {},
                );
                this.draw();
              },
            },
            l.number,
          ),
          h("span", { class: "t" }, clock(l.at, true)),
          h("span", { class: "l" }, l.level),
          many && h("span", { class: "s" }, words.name(l.asset)),
          h("span", { class: "m" }, l.message),
        );
      }),
    );
    const all = lines.length === this.#lines.length ? "" : ` of ${this.#lines.length}`;
    this.#status.textContent = this.#lines.length
      ? words.plural(lines.length, "line") + all
      : "Nothing was written; what was asked of the service stands under Remote calls.";
    if (this.#follow) this.#view.scrollTop = this.#space.offsetHeight;
  }

  save() {
    const text = this.#shown()
      .map((l) => `${l.at} ${l.level.padEnd(7)} ${l.asset} ${l.attempt} ${l.message}`)
      .join("\n");
    const link = h("a", {
      href: URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" })),
      download: `run-${this.run}.log`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
