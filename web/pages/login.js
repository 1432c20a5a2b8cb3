import { post } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { query } from "../lib/router.js";

export const title = () => "Sign in";

/** What went wrong on the way to an identity provider and back; the daemon's log and the audit say more. */
const PROBLEMS = {
  denied: "The identity provider did not sign you in.",
  no_role: "You are signed in there, and have no role here. Ask an administrator.",
  begin_again: "That took too long, or began in another browser. Please begin again.",
  provider: "The identity provider cannot be used at this moment. An administrator finds the reason in the audit.",
};

/** Where to go afterwards: a path of these pages, never another site. */
function target() {
  const next = query().next ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

async function enter(body, wrong, button) {
  button?.toggleAttribute("disabled", true);
  try {
    await post("/session", body);
    location.replace(target());
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
    button?.toggleAttribute("disabled", false);
  }
}

export function view(ctx) {
  const methods = ctx.session?.methods ?? ["password"];
  const code = query().problem ?? "",
    problem = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : null;
  const wrong = h("p", { class: "wrong", role: "alert", hidden: !problem, id: "wrong" }, problem);
  const button = h("button", { class: "button primary", type: "submit" }, "Sign in");
  const form = h(
    "form",
    {
      onsubmit: (e) => {
        e.preventDefault();
        const data = new FormData(e.target);
        enter(
          { method: "password", user: data.get("user"), password: data.get("password") },
          document.getElementById("wrong"),
          e.target.querySelector("button"),
        );
      },
    },
    h(
      "label",
      { class: "field" },
      h("span", {}, "User name"),
      h("input", { name: "user", autocomplete: "username", required: true, maxlength: 128, autofocus: true }),
    ),
    h(
      "label",
      { class: "field" },
      h("span", {}, "Password"),
      h("input", {
        name: "password",
        type: "password",
        autocomplete: "current-password",
        required: true,
        maxlength: 128,
        "aria-describedby": "wrong",
      }),
    ),
    button,
  );
  // The token of `freshet ui` stands in the fragment, which no server sees.
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history.replaceState({}, "", location.pathname + location.search);
    enter({ method: "link", token }, wrong);
  }
  return h(
    "div",
    { class: "login" },
    h(
      "div",
      { class: "login-card" },
      h("img", { src: "/style/icon.svg", alt: "", width: 40, height: 40 }),
      h("h1", {}, "Sign in to Freshet"),
      wrong,
      methods.includes("oidc") &&
        h(
          "a",
          { class: "button wide", href: `/api/v1/session/oidc?next=${encodeURIComponent(target())}` },
          `Continue with ${ctx.session?.oidc_label ?? "single sign-on"}`,
        ),
      methods.includes("oidc") && methods.includes("password") && h("div", { class: "or" }, h("span", {}, "or")),
      methods.includes("password") && form,
      h(
        "p",
        { class: "muted small" },
        "On the machine itself, ",
        h("code", {}, "freshet ui"),
        " opens a link that signs in once.",
      ),
    ),
  );
}
