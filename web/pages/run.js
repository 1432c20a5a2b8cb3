import { h } from "../lib/dom.js";
import { link } from "../lib/router.js";
import { at, clock, duration, now } from "../lib/time.js";
import * as words from "../lib/words.js";
import { cancel, reattach, resolve, retry } from "../parts/actions.js";
import { assetLink, badge, linked, operationBadge, pill } from "../parts/badge.js";
import { gantt } from "../parts/gantt.js";
import { icon, shape } from "../parts/icon.js";
import { Log } from "../parts/log.js";
import { facts } from "../parts/table.js";

export const title = (ctx, data) => `Run ${ctx.params.run.slice(-8)}${data ? ` ${words.state(data.run.status)}` : ""}`;
export const topics = (ctx) => [`run:${ctx.params.run}`, `log:${ctx.params.run}`, "board"];
export const load = (ctx) => ctx.get(`/runs/${ctx.params.run}`);

let log = null;
export const leave = () => {
  log = null;
};
export function event(ctx, name, data) {
  if (name !== "log") return false;
  if (data.run === ctx.params.run) log?.add(data);
  return true;
}
export function mounted() {
  if (log && !log.isLoaded) {
    log.isLoaded = true;
    log.load().catch(() => {});
  }
}

export function view(ctx, data) {
  const { run } = data,
    ended = Boolean(run.ended_at);
  if (log?.run !== run.id) log = new Log(ctx);
  const spent = run.duration_seconds ?? (now() - Date.parse(run.created_at)) / 1000;
  return [
    h("nav", { class: "crumbs", "aria-label": "Where" }, link("/runs", {}, "Runs")),
    h(
      "header",
      { class: "page-head" },
      h(
        "div",
        {},
        h(
          "h1",
          {},
          run.assets.length === 1 ? words.name(run.assets[0]) : words.plural(run.assets.length, "asset"),
          badge(run.status),
        ),
        h("p", { class: "sub" }, "Run ", h("code", {}, run.id)),
      ),
      h(
        "div",
        { class: "actions" },
        ctx.can("operator") &&
          !ended &&
          h(
            "button",
            { class: "button danger", disabled: Boolean(run.cancel_requested_by), onclick: () => cancel(ctx, run) },
            icon("stop"),
            run.cancel_requested_by ? "Asked to stop" : "Cancel",
          ),
        ctx.can("operator") &&
          ended &&
          run.retryable.length > 0 &&
          !run.operations.some((o) => o.state === "unresolved") &&
          h("button", { class: "button primary", onclick: () => retry(ctx, run) }, icon("retry"), "Retry"),
      ),
    ),
    run.root_cause && rootCause(ctx, run),
    h(
      "section",
      { class: "panel facts-row" },
      facts([
        [
          "Why",
          linked(
            run.cause.sentence.replace(/^because /, ""),
            run.steps.flatMap((s) => s.causes.map((c) => c.input)),
          ),
        ],
        [
          "Began by",
          [
            words.trigger(run.trigger),
            run.actor !== "engine" && ` (${run.actor})`,
            run.cause.sensor && [" · ", link(`/sensors?sensor=${run.cause.sensor}`, {}, "its tick")],
          ],
        ],
        ["Began", at(run.created_at, true)],
        [ended ? "Took" : "So far", duration(spent)],
        !ended && run.estimated_seconds && ["Usually", duration(run.estimated_seconds)],
        run.parent && ["Retry of", link(`/runs/${run.parent}`, { class: "mono" }, run.parent.slice(-8))],
        ["Definitions", h("code", {}, run.config_version)],
      ]),
    ),
    h("section", { class: "panel" }, h("h2", {}, "Steps"), gantt(run)),
    told(run).length > 0 &&
      h(
        "section",
        {},
        told(run).map((s) => stepCard(ctx, run, s)),
      ),
    ledger(ctx, run),
    run.checks.length > 0 &&
      h(
        "section",
        { class: "panel" },
        h("h2", {}, "Checks"),
        h(
          "ul",
          { class: "checks" },
          run.checks.map((c) =>
            h(
              "li",
              {},
              badge(c.passed ? "succeeded" : "failed", { quiet: c.passed }),
              h("code", {}, c.name),
              h("span", {}, c.message),
            ),
          ),
        ),
      ),
    log.element(run.steps),
  ];
}

/** The steps of which there is more to tell than the chart and the root cause do. */
const told = (run) =>
  run.steps.filter(
    (s) => run.sub_steps.some((x) => x.asset === s.asset) || (s.failure && !(run.steps.length === 1 && run.root_cause)),
  );

function rootCause(ctx, run) {
  const { asset, failure, sentence, advice } = run.root_cause;
  const operation = run.operations.find((o) => o.state === "unresolved" && o.asset === asset);
  return h(
    "section",
    { class: "root-cause", "aria-labelledby": "root-cause" },
    shape("failed", 14),
    h(
      "div",
      { class: "grow" },
      h("h2", { id: "root-cause" }, "Root cause"),
      h("p", { class: "message" }, words.sentence(failure?.message ?? sentence)),
      h(
        "p",
        { class: "muted" },
        assetLink(asset),
        " · ",
        h("code", {}, failure?.code),
        failure?.retry === "never" && " · only a person can mend it",
      ),
      advice?.text && h("p", { class: "todo" }, icon("arrow"), h("span", {}, words.sentence(advice.text))),
    ),
    operation &&
      ctx.can("operator") &&
      h(
        "div",
        { class: "actions" },
        h("button", { class: "button", onclick: () => reattach(ctx, operation) }, icon("link"), "Re-attach now"),
        h("button", { class: "button primary", onclick: () => resolve(ctx, operation) }, icon("resolve"), "Resolve …"),
      ),
  );
}

function stepCard(ctx, run, step) {
  const parts = run.sub_steps.filter((s) => s.asset === step.asset && s.attempt === step.attempt);
  const counts = Object.entries(parts.reduce((n, p) => ({ ...n, [p.status]: (n[p.status] ?? 0) + 1 }), {}));
  return h(
    "details",
    { class: "panel step", open: step.status !== "succeeded", "data-key": `step-${step.asset}` },
    h(
      "summary",
      {},
      badge(step.status),
      h("b", {}, step.asset),
      h(
        "span",
        { class: "muted grow" },
        step.attempt > 1 ? `attempt ${step.attempt}` : "",
        step.retry_at && [" · tries again at ", at(step.retry_at)],
      ),
    ),
    step.failure &&
      h(
        "p",
        { class: "bad-text" },
        step.attempt > 1 && step.status !== "failed" && h("span", { class: "muted" }, "A former attempt failed: "),
        step.failure.message,
        " ",
        h("code", {}, step.failure.code),
      ),
    h("p", {}, words.sentence(step.sentence)),
    ctx.can("operator") &&
      run.ended_at &&
      step.status === "failed" &&
      h(
        "button",
        { class: "button small", onclick: () => retry(ctx, run, [step.asset]) },
        icon("retry"),
        "Retry from here",
      ),
    parts.length > 0 &&
      h(
        "div",
        {},
        h(
          "h3",
          {},
          `${words.plural(parts.length, "part")}: ${counts.map(([s, n]) => `${n} ${words.state(s)}`).join(", ")}`,
        ),
        h(
          "ul",
          { class: "sub-steps" },
          parts.map((p) =>
            h(
              "li",
              { class: `is-${p.status}` },
              shape(p.status, 9),
              h("span", { class: "mono grow" }, p.name),
              p.message && h("span", { class: "muted" }, p.message),
              h(
                "span",
                { class: "num muted" },
                p.ended_at
                  ? duration((Date.parse(p.ended_at) - Date.parse(p.started_at)) / 1000)
                  : p.started_at
                    ? duration((now() - Date.parse(p.started_at)) / 1000)
                    : "–",
              ),
            ),
          ),
        ),
      ),
  );
}

/** Everything that was sent, and everything that was learned of it. */
function ledger(ctx, run) {
  if (!run.operations.length) return null;
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, "Remote calls"),
    h(
      "p",
      { class: "muted small" },
      "The intent is stored before anything is sent; nothing is sent twice without a verdict on the first.",
    ),
    h(
      "ol",
      { class: "ledger" },
      run.operations.map((o) =>
        h(
          "li",
          { "data-key": o.id },
          h(
            "details",
            { open: !["completed"].includes(o.state) && run.operations.length < 4 },
            h(
              "summary",
              {},
              operationBadge(o.state),
              run.steps.length > 1 && h("span", {}, words.name(o.asset)),
              h("span", { class: "muted" }, `attempt ${o.attempt}`),
              pill(o.objects.length ? o.objects.join(", ") : "everything"),
              o.adopted && pill("adopted from history"),
              h("span", { class: "grow" }),
              h("span", { class: "muted" }, at(o.prepared_at, true)),
            ),
            h(
              "div",
              { class: "ledger-body" },
              facts([
                ["Target", h("code", {}, o.target)],
                ["Request id", o.request_id ? h("code", {}, o.request_id) : "none"],
                o.url && [
                  "Elsewhere",
                  h(
                    "a",
                    { href: o.url, rel: "noreferrer", target: "_blank" },
                    "In Power BI ",
                    icon("external", "opens elsewhere"),
                  ),
                ],
              ]),
              h(
                "ol",
                { class: "events" },
                fold(o.events).map((e) =>
                  h(
                    "li",
                    {},
                    h("span", { class: "t mono" }, clock(e.at, true)),
                    h("b", {}, e.name.replace("_", " "), e.count > 1 && ` × ${e.count}`),
                    h(
                      "span",
                      { class: "muted mono grow" },
                      Object.entries(e.evidence)
                        .map(([k, v]) => `${k}=${typeof v === "object" ? JSON.stringify(v) : v}`)
                        .join("  "),
                    ),
                  ),
                ),
              ),
              o.state === "unresolved" &&
                ctx.can("operator") &&
                h(
                  "div",
                  { class: "actions" },
                  h(
                    "button",
                    { class: "button small", onclick: () => reattach(ctx, o) },
                    icon("link"),
                    "Re-attach now",
                  ),
                  h("button", { class: "button small", onclick: () => resolve(ctx, o) }, icon("resolve"), "Resolve …"),
                ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Polls in a row are one line. */
function fold(events) {
  const rows = [];
  for (const e of events) {
    const last = rows.at(-1);
    if (last?.name === "polled" && e.name === "polled") Object.assign(last, { ...e, count: last.count + 1 });
    else rows.push({ ...e, count: 1 });
  }
  return rows;
}
