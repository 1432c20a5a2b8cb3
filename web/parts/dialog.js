import { h } from "../lib/dom.js";
import { icon } from "./icon.js";

/**
 * Asks before something is done; the button carries one intention, so that a double click is one request.
 *
 * fields: elements; confirm(form) may throw: its words are shown and the dialog stays.
 */
export function dialog({ title, body, fields = [], action = "Continue", tone = "", confirm, wide = false }) {
  const wrong = h("p", { class: "wrong", role: "alert", hidden: true });
  const button = h("button", { class: `button primary ${tone}`, type: "submit" }, action);
  const form = h(
    "form",
    {
      method: "dialog",
      onsubmit: async (event) => {
        event.preventDefault();
        if (button.disabled) return;
        button.disabled = true;
        wrong.hidden = true;
        try {
          await confirm(new FormData(form));
          close();
        } catch (error) {
          wrong.textContent = error.message;
          wrong.hidden = false;
          button.disabled = false;
        }
      },
    },
    h("div", { class: "dialog-body" }, body, fields, wrong),
    h(
      "div",
      { class: "dialog-foot" },
      h("button", { class: "button", type: "button", onclick: () => close() }, "Close"),
      confirm && button,
    ),
  );
  const before = document.activeElement;
  const box = h(
    "dialog",
    {
      class: wide ? "wide" : "",
      "aria-labelledby": "dialog-title",
      onclick: (e) => {
        if (e.target === box) close();
      },
    },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "dialog-title" }, title),
      h(
        "button",
        { class: "button icon-only", type: "button", "aria-label": "Close", onclick: () => close() },
        icon("close"),
      ),
    ),
    form,
  );
  function close() {
    box.close();
    box.remove();
    before?.focus?.();
  }
  box.addEventListener("cancel", (e) => {
    e.preventDefault();
    close();
  });
  document.body.append(box);
  box.showModal();
  (form.querySelector("input,textarea,select") ?? form.querySelector("button"))?.focus();
  return close;
}

export const reasonField = (required = false) =>
  h(
    "label",
    { class: "field" },
    h("span", {}, required ? "Reason (kept in the audit)" : "Reason (optional, kept in the audit)"),
    h("textarea", { name: "reason", rows: 2, maxlength: 500, required, minlength: required ? 3 : null }),
  );

let timer = 0;
/** A short message at the bottom, which a screen reader hears too. */
export function toast(text, tone = "") {
  document.querySelector(".toast")?.remove();
  clearTimeout(timer);
  const box = h("div", { class: `toast ${tone}`, role: "status" }, text);
  document.body.append(box);
  timer = setTimeout(() => box.remove(), 6000);
}
