import { intention, post } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { ago, at } from "../lib/time.js";
import * as words from "../lib/words.js";
import { assetLink, pill } from "../parts/badge.js";
import { dialog, reasonField, toast } from "../parts/dialog.js";
import { icon } from "../parts/icon.js";
import { facts, table } from "../parts/table.js";

export const title = () => "Config";
export const topics = () => ["config"];
export const load = (ctx) => ctx.get("/config");

export function view(ctx, data) {
  const reload = () => {
    const key = intention();
    dialog({
      title: "Load the files",
      action: "Load",
      body: h("p", {}, "The engine takes up what the files say now. What runs goes on as planned."),
      fields: [reasonField()],
      confirm: async (f) => {
        await post("/config/reload", { reason: f.get("reason") || undefined }, { key });
        toast("Loaded");
        ctx.reload();
      },
    });
  };
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Config"),
        h(
          "p",
          { class: "sub" },
          data.differs ? "The files differ from what is active" : "The files are what is active",
        ),
      ),
      h(
        "div",
        { class: "actions" },
        ctx.can("admin") &&
          h(
            "button",
            { class: "button primary", disabled: !data.valid || !data.differs, onclick: reload },
            icon("retry"),
            "Load the files",
          ),
      ),
    ),
    !data.valid &&
      h(
        "div",
        { class: "notice is-error" },
        icon("warning", "error"),
        h(
          "div",
          {},
          h("b", {}, "The files cannot be loaded; what is active stays."),
          data.diagnostics.map((d) =>
            h(
              "p",
              {},
              h("code", {}, `${d.file}:${d.line}:${d.column}`),
              ` ${d.message}`,
              d.nearest && [" – did you mean ", h("code", {}, d.nearest), "?"],
            ),
          ),
        ),
      ),
    h(
      "div",
      { class: data.changes.length || data.diff.length ? "columns" : "columns level" },
      h(
        "div",
        { class: "main-column" },
        data.changes.length > 0 &&
          h(
            "section",
            {},
            h("h2", { class: "section" }, "What loading them would do"),
            table(
              [
                { id: "asset", head: "Asset", cell: (c) => assetLink(c.asset) },
                { id: "change", head: "Change", cell: (c) => pill(c.change, `change-${c.change}`) },
                { id: "what", head: "Leads to", cell: (c) => words.sentence(c.sentence) },
              ],
              data.changes,
              { caption: "Changes" },
            ),
          ),
        data.diff.map((d) =>
          h(
            "section",
            { class: "panel diff" },
            h("h2", {}, h("code", {}, d.file)),
            d.hunks.map((k) =>
              h(
                "div",
                { class: "hunk", tabindex: 0, role: "region", "aria-label": `Differences in ${d.file}` },
                h("div", { class: "hunk-head mono" }, k.header),
                h(
                  "table",
                  {},
                  h(
                    "tbody",
                    {},
                    k.lines.map((l) =>
                      h(
                        "tr",
                        { class: `is-${l.kind}` },
                        h("td", { class: "n" }, l.old),
                        h("td", { class: "n" }, l.new),
                        h("td", { class: "sign" }, { added: "+", removed: "−", same: "" }[l.kind]),
                        h("td", { class: "mono" }, l.text),
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
      h(
        "aside",
        { class: "side-column", "aria-label": "Active" },
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "Active"),
          facts([
            ["Version", h("code", { class: "hash" }, data.config_version)],
            ["Loaded", ago(data.loaded_at)],
            ["Environment", data.environment],
            ["Mode", data.mode === "observe" ? "observe: decides, refreshes nothing" : "act"],
            ["Time zone", data.timezone],
            ["Assets", words.count(data.assets)],
            ["Graph", h("code", { class: "hash" }, data.graph_hash)],
          ]),
        ),
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "Files"),
          h(
            "ul",
            { class: "files" },
            data.files.map((f) =>
              h(
                "li",
                {},
                h("code", {}, f.file),
                h("span", { class: "grow" }),
                f.status === "same"
                  ? h("span", { class: "muted" }, words.plural(f.assets, "asset"))
                  : pill(f.status, `change-${f.status}`),
              ),
            ),
          ),
        ),
        h(
          "section",
          { class: "panel" },
          h("h2", {}, "Loaded"),
          h(
            "ul",
            { class: "files" },
            data.history.map((v) =>
              h(
                "li",
                {},
                h("code", {}, v.config_version.slice(0, 12)),
                h("span", { class: "grow" }, v.sentence),
                h("span", { class: "muted" }, at(v.loaded_at)),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}
