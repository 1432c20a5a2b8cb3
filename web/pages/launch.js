import { get, intention, post } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { setQuery } from "../lib/router.js";
import { duration } from "../lib/time.js";
import * as words from "../lib/words.js";
import { follow } from "../parts/actions.js";
import { assetLink, keyText, runLink } from "../parts/badge.js";
import { evidence } from "../parts/evidence.js";
import { icon } from "../parts/icon.js";

export const title = () => "Launch";

export async function load(ctx) {
  const { selection, forced, stored } = ctx.query;
  if (!selection) return {};
  try {
    return {
      plan: await post("/plans", { selection, forced: forced === "1", stored: stored === "1" || !ctx.can("operator") }),
    };
  } catch (error) {
    return { problem: error };
  }
}

const ACTS = { run: "running", skip: "skipped", hold: "held", wait: "waiting" };
const SAYS = { run: "Run", skip: "Skip", hold: "Held", wait: "Wait" };
const EXAMPLES = [
  ["is:materialized", "every model"],
  ["kind:powerbi.semantic_model", "by kind"],
  ["group:sales", "by group"],
  ["+powerbi/retail/sales", "and what feeds it"],
  ["tag:tier=gold", "by tag"],
];

export function view(ctx, data) {
  const { selection = "", forced, stored } = ctx.query,
    { plan, problem } = data;
  const count = h("span", { class: "muted", role: "status" });
  const input = h("input", {
    name: "selection",
    class: "mono",
    value: selection,
    required: true,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "group:sales or powerbi/retail/sales",
    "aria-describedby": "selection-help",
    oninput: () => tell(input.value, count),
  });
  return [
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h("h1", {}, "Launch"),
        h("p", { class: "sub" }, "Choose, look at the plan, run. Exactly the selection runs, as far as it is stale."),
      ),
    ),
    h(
      "form",
      {
        class: "panel launch",
        onsubmit: (e) => {
          e.preventDefault();
          const f = new FormData(e.target);
          setQuery({
            selection: f.get("selection").trim(),
            forced: f.get("forced") ? "1" : null,
            stored: f.get("stored") ? "1" : null,
          });
        },
      },
      h("label", { class: "field" }, h("span", {}, "Selection"), input),
      h(
        "div",
        { class: "hint", id: "selection-help" },
        count,
        h(
          "span",
          { class: "examples" },
          EXAMPLES.map(([text, says]) =>
            h(
              "button",
              {
                type: "button",
                class: "chip",
                title: says,
                onclick: () => {
                  input.value = text;
                  input.focus();
                  tell(text, count);
                },
              },
              h("code", {}, text),
            ),
          ),
        ),
      ),
      h(
        "div",
        { class: "form-row" },
        h(
          "label",
          { class: "check" },
          h("input", { type: "checkbox", name: "forced", checked: forced === "1" }),
          "Whatever changed (force)",
        ),
        h(
          "label",
          { class: "check" },
          h("input", { type: "checkbox", name: "stored", checked: stored === "1" }),
          "Use what was seen last, look at nothing",
        ),
        h("span", { class: "grow" }),
        h("button", { class: "button primary", type: "submit" }, "Preview the plan"),
      ),
    ),
    problem &&
      h(
        "div",
        { class: "notice is-error", role: "alert" },
        icon("warning"),
        h(
          "span",
          {},
          problem.message,
          problem.nearest && [
            " Did you mean ",
            h("button", { class: "link", onclick: () => setQuery({ selection: problem.nearest }) }, problem.nearest),
            "?",
          ],
        ),
      ),
    plan && preview(ctx, plan, { selection, forced: forced === "1", stored: stored === "1" }),
  ];
}

let asked = 0;
async function tell(text, where) {
  const mine = ++asked;
  if (!text.trim()) {
    where.textContent = "";
    return;
  }
  try {
    const found = await get("/selections", { selection: text.trim() });
    if (mine === asked) where.textContent = `${words.plural(found.total, "asset")}, ${found.steps} to work on`;
  } catch (error) {
    if (mine === asked) where.textContent = error.message;
  }
}

function preview(ctx, plan, wish) {
  const key = intention(),
    rank = ["run", "wait", "hold", "skip"],
    steps = [...plan.steps].sort((a, b) => rank.indexOf(a.outcome) - rank.indexOf(b.outcome));
  // A plan that is drawn again keeps its elements: what was entered is read from the form that is sent.
  const begin = async (event) => {
    event.preventDefault();
    const form = event.currentTarget,
      reason = new FormData(form).get("reason").trim(),
      wrong = form.querySelector(".wrong"),
      button = form.querySelector("button");
    const refuse = (words) => {
      wrong.textContent = words;
      wrong.hidden = false;
    };
    if (wish.forced && reason.length < 3) {
      refuse("Say why it is forced.");
      return form.elements.reason.focus();
    }
    button.disabled = true;
    try {
      await follow(await post("/runs", { ...wish, plan_hash: plan.plan_hash, reason: reason || undefined }, { key }));
    } catch (error) {
      refuse(error.message);
      button.disabled = false;
    }
  };
  const foot = h(
    "form",
    { class: "plan-foot", onsubmit: begin },
    h("input", {
      name: "reason",
      maxlength: 500,
      placeholder: wish.forced ? "Why it is forced (kept in the audit)" : "Reason (optional)",
      "aria-label": "Reason",
    }),
    h(
      "button",
      { class: "button primary", type: "submit", disabled: !plan.counts.run },
      icon("launch"),
      plan.counts.run ? `Run ${words.plural(plan.counts.run, "step")}` : "Nothing to run",
    ),
    h("p", { class: "wrong", role: "alert", hidden: true }),
  );
  return h(
    "section",
    { class: "plan", "aria-labelledby": "plan" },
    h(
      "div",
      { class: "section-row" },
      h("h2", { id: "plan", class: "section" }, "Plan"),
      h("span", {}, words.sentence(plan.sentence)),
      plan.estimated_seconds && h("span", { class: "muted" }, `About ${duration(plan.estimated_seconds)}.`),
    ),
    plan.failures.map((f) => h("p", { class: "notice is-warning" }, icon("warning"), f)),
    h(
      "ol",
      { class: "plan-steps" },
      steps.map((s) =>
        h(
          "li",
          { class: `plan-step is-${s.outcome}`, "data-key": s.asset },
          h(
            "details",
            {},
            h(
              "summary",
              {},
              h("span", { class: `outcome is-${ACTS[s.outcome]}` }, SAYS[s.outcome]),
              keyText(s.asset, { kind: s.kind }),
              h(
                "span",
                { class: "why grow" },
                s.sentence,
                s.parts && h("span", { class: "muted" }, `; refreshes only ${s.parts.join(", ")}`),
              ),
              h("span", { class: "num muted" }, s.estimated_seconds ? `≈ ${duration(s.estimated_seconds)}` : ""),
            ),
            h("div", { class: "entry-body" }, h("p", {}, assetLink(s.asset)), evidence(s.evidence)),
          ),
          s.conflict &&
            h(
              "p",
              { class: "risk" },
              icon("warning"),
              s.conflict.sentence,
              " ",
              s.conflict.run && runLink(s.conflict.run),
            ),
        ),
      ),
    ),
    ctx.can("operator")
      ? foot
      : h(
          "p",
          { class: "muted" },
          "To run it one has to be an operator. In a terminal: ",
          h("code", {}, `freshet run '${wish.selection}'`),
        ),
  );
}
