// What a person can do, with the question that comes before it.

import { get, intention, post, segment } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { navigate } from "../lib/router.js";
import { clock } from "../lib/time.js";
import * as words from "../lib/words.js";
import { dialog, reasonField, toast } from "./dialog.js";
import { icon } from "./icon.js";
import { badge } from "./badge.js";

export function pause(ctx, { asset, sensor, schedule, paused, name }) {
  const key = intention(),
    what = asset ?? sensor ?? schedule;
  dialog({
    title: `${paused ? "Pause" : "Resume"} ${name ?? what ?? "everything"}`,
    body: h(
      "p",
      {},
      paused
        ? asset
          ? "No run of it begins until it is resumed. What runs goes on."
          : what
            ? "It does nothing by itself until it is resumed."
            : "No run begins until it is resumed. What runs goes on, and sensors go on looking."
        : "It takes up what has changed meanwhile.",
    ),
    fields: [reasonField()],
    action: paused ? "Pause" : "Resume",
    confirm: async (form) => {
      await post(
        "/pauses",
        {
          asset: asset ?? undefined,
          sensor: sensor ?? undefined,
          schedule: schedule ?? undefined,
          paused,
          reason: form.get("reason") || undefined,
        },
        { key },
      );
      toast(`${name ?? what ?? "Everything"} is ${paused ? "paused" : "resumed"}`);
      ctx.reload();
    },
  });
}

/** Goes to the run that a request led to, as soon as there is one; what waits stands at the top of the runs. */
export async function follow(answer) {
  for (let tries = 0; tries < 40; tries += 1) {
    const { disposition, sentence } = answer.run
      ? { disposition: { into: answer.run.id ?? answer.run } }
      : (await get(`/triggers/${answer.trigger}`)).trigger;
    if (disposition?.into) {
      toast("The run has begun");
      return navigate(`/runs/${disposition.into}`);
    }
    if (disposition) {
      toast(words.sentence(sentence));
      break;
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  return navigate("/runs");
}

export function retry(ctx, run, assets) {
  const key = intention();
  dialog({
    title: "Retry what did not succeed",
    action: "Retry",
    body: h(
      "div",
      {},
      h("p", {}, "A new run does again:"),
      h(
        "ul",
        { class: "plain" },
        (assets ?? run.retryable).map((a) => h("li", {}, h("code", {}, a))),
      ),
      h("p", { class: "muted" }, "With the inputs as they are then. What succeeded is left alone."),
    ),
    fields: [reasonField()],
    confirm: async (form) => {
      const answer = await post(`/runs/${run.id}/retry`, { assets, reason: form.get("reason") || undefined }, { key });
      await follow(answer);
    },
  });
}

export function cancel(ctx, run) {
  const key = intention();
  dialog({
    title: "Cancel this run",
    tone: "danger",
    action: "Cancel the run",
    body: h(
      "p",
      {},
      "Steps that have not begun are not begun. A refresh that Power BI is working on is cancelled there, where that is " +
        "possible.",
    ),
    fields: [reasonField()],
    confirm: async (form) => {
      await post(`/runs/${run.id}/cancel`, { reason: form.get("reason") || undefined }, { key });
      toast("Asked to stop");
      ctx.reload();
    },
  });
}

export async function reattach(ctx, operation) {
  await post(`/operations/${operation.id}/reattach`, {}, { key: intention() });
  toast("Reads the other side again");
  ctx.reload();
}

export async function resolve(ctx, operation) {
  const key = intention(),
    { candidates } = await get(`/operations/${operation.id}/candidates`);
  const choice = (value, label, note, checked, disabled) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "choice", value, checked, disabled, required: true }),
      h("span", {}, h("b", {}, label), h("small", {}, note)),
    );
  dialog({
    title: "What became of this refresh?",
    action: "Resolve",
    wide: true,
    body: h(
      "p",
      {},
      "It was asked for at ",
      h("b", {}, clock(operation.prepared_at, true)),
      ", and no answer came. It is not tried again by itself until somebody says which it was.",
    ),
    fields: [
      h(
        "fieldset",
        { class: "choices" },
        h("legend", {}, "It is"),
        candidates.map((c) =>
          choice(
            `adopt:${c.request_id}`,
            `${c.status ?? "Running"} refresh of ${clock(c.started_at, true)}${c.likely ? " (likely)" : ""}`,
            c.ended_at ? c.sentence : `${c.sentence}; it still runs, and can be taken when it has ended`,
            c.likely && Boolean(c.ended_at),
            !c.ended_at,
          ),
        ),
        choice("not_found", "None of these", "It never came to be; the next attempt may be sent"),
        choice("failed", "It failed", "Seen elsewhere; the step counts as failed"),
      ),
      reasonField(true),
    ],
    confirm: async (form) => {
      const [outcome, request] = String(form.get("choice")).split(/:(.*)/s);
      await post(
        `/operations/${operation.id}/resolve`,
        { outcome, request_id: request || undefined, reason: form.get("reason") },
        { key },
      );
      toast("Resolved");
      ctx.reload();
    },
  });
}

export async function testSensor(sensor) {
  const close = dialog({ title: `Look at ${sensor}`, body: h("p", { class: "muted" }, "Looking …") });
  try {
    const found = await post(`/sensors/${segment(sensor)}/test`);
    close();
    dialog({
      title: `What ${sensor} sees now`,
      wide: true,
      body: h(
        "div",
        {},
        h("p", {}, badge(found.tick.status), " ", found.tick.message),
        h(
          "table",
          { class: "table compact" },
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Asset"), h("th", { scope: "col" }, "Version"))),
          h(
            "tbody",
            {},
            found.observations.map((o) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, o.asset),
                h("td", { class: "mono" }, o.version, o.changed && " (changed)"),
              ),
            ),
          ),
        ),
        h("h3", {}, "Would lead to"),
        found.would_trigger.length
          ? h(
              "ul",
              { class: "plain" },
              found.would_trigger.map((s) => h("li", {}, h("b", {}, s.asset), " ", s.sentence)),
            )
          : h("p", { class: "muted" }, "Nothing."),
        h("p", { class: "muted small" }, icon("info"), " Nothing of this was stored."),
      ),
    });
  } catch (error) {
    close();
    toast(error.message, "bad");
  }
}
