// What surrounds every page: navigation, search, environment, connection, time zone, theme, person.

import { remove } from "./lib/api.js";
import { h, morph } from "./lib/dom.js";
import { link, navigate } from "./lib/router.js";
import { browserZone, projectZoneName, setZone, zoneChoice, zoneName } from "./lib/time.js";
import { icon } from "./parts/icon.js";
import { help } from "./parts/keyboard.js";
import { routes } from "./routes.js";

const LIVE = { live: "live", reconnecting: "reconnecting", idle: "not live" };

export function shell(app) {
  return h(
    "div",
    { class: "shell" },
    h("header", { class: "top", id: "top" }),
    h("nav", { class: "side", id: "side", "aria-label": "Pages" }),
    h("main", { id: "main", class: "page", tabindex: -1 }),
    h("div", { id: "announcements", class: "sr", role: "status", "aria-live": "polite" }),
  );
}

export function paint(app, live = document.documentElement.dataset.live ?? "idle") {
  const top = document.getElementById("top"),
    side = document.getElementById("side");
  if (!top || !side) return;
  morph(top, h("div", {}, topBar(app, live)));
  morph(side, h("div", {}, navigation(app)));
}

function navigation(app) {
  const here = app.route?.within ?? app.route?.href;
  const item = (r) =>
    h(
      "li",
      {},
      link(
        r.href,
        { class: "place", "aria-current": here === r.href ? "page" : null, title: `${r.name} (g ${r.key})` },
        icon(r.icon),
        h("span", {}, r.name),
      ),
    );
  const shown = routes.filter((r) => r.name && (!r.role || app.session?.role === r.role));
  return [
    h("ul", {}, shown.filter((r) => !r.second).map(item)),
    h("ul", { class: "second" }, shown.filter((r) => r.second).map(item)),
    h(
      "div",
      { class: "side-foot" },
      h(
        "button",
        { class: "place", onclick: help, title: "Keyboard (?)" },
        icon("keyboard"),
        h("span", {}, "Keyboard"),
      ),
      h("span", { class: "version" }, `Freshet ${app.session?.version ?? ""}`),
    ),
  ];
}

function topBar(app, live) {
  const { session } = app;
  return [
    h(
      "button",
      {
        class: "button icon-only nav-toggle",
        "aria-label": "Pages",
        "aria-expanded": String(document.documentElement.classList.contains("nav-open")),
        onclick: () => {
          document.documentElement.classList.toggle("nav-open");
          paint(app);
        },
      },
      icon("menu"),
    ),
    link(
      "/",
      { class: "brand", "aria-label": "Freshet, overview" },
      h("img", { src: "/style/icon.svg", alt: "", width: 22, height: 22 }),
      h("b", {}, session?.project ?? "Freshet"),
    ),
    session?.environment &&
      h(
        "span",
        {
          class: `environment is-${session.environment_color}`,
          title: session.mode === "observe" ? "Decides, and refreshes nothing" : "",
        },
        session.environment,
        session.mode === "observe" && " · observe",
      ),
    h(
      "button",
      { class: "search-button", onclick: app.search },
      icon("search"),
      h("span", {}, "Search assets, runs, pages"),
      h("kbd", {}, "/"),
    ),
    session?.insecure && h("span", { class: "insecure" }, "Not encrypted"),
    h(
      "span",
      {
        class: `live is-${live}`,
        role: "status",
        title: live === "live" ? "Changes show by themselves" : "Comes back by itself",
      },
      h("i", {}),
      h("span", {}, LIVE[live] ?? live),
    ),
    menu(
      "zone",
      icon("clock"),
      zoneName().split("/").at(-1).replaceAll("_", " "),
      "Time zone",
      [
        ["project", `Project (${projectZoneName()})`],
        ["browser", `This computer (${browserZone()})`],
        ["utc", "UTC"],
      ].map(([key, text]) => ({
        text,
        isOn: zoneChoice() === key,
        work: () => {
          setZone(key);
          app.refresh();
        },
      })),
    ),
    menu(
      "theme",
      icon({ light: "sun", dark: "moon" }[localStorage.getItem("theme")] ?? "auto"),
      "",
      "Colours",
      [
        ["", "As the system"],
        ["light", "Light"],
        ["dark", "Dark"],
      ].map(([key, text]) => ({
        text,
        isOn: (localStorage.getItem("theme") ?? "") === key,
        work: () => setTheme(key, app),
      })),
    ),
    menu("user", icon("user"), session?.user ?? "", session?.name ? `${session.name}, ${session.role}` : "Account", [
      {
        text: "Sign out",
        work: async () => {
          await remove("/session").catch(() => {});
          app.signedOut();
          navigate("/login");
        },
      },
    ]),
  ];
}

function setTheme(key, app) {
  localStorage.setItem("theme", key);
  if (key) document.documentElement.dataset.theme = key;
  else delete document.documentElement.dataset.theme;
  paint(app);
}

/** A disclosure with a few choices. */
export function menu(id, face, text, label, items) {
  return h(
    "details",
    {
      class: "menu",
      id: `menu-${id}`,
      onkeydown: (e) => {
        if (e.key === "Escape") {
          e.currentTarget.open = false;
          e.currentTarget.querySelector("summary").focus();
        }
      },
      ontoggle: outside,
    },
    h(
      "summary",
      { class: "button quiet", "aria-label": text ? `${label}: ${text}` : label, title: label },
      face,
      text && h("span", {}, text),
    ),
    h(
      "div",
      { class: "menu-box" },
      h("div", { class: "menu-title" }, label),
      items.map((i) =>
        h(
          "button",
          {
            class: "menu-item",
            "aria-pressed": i.isOn === undefined ? null : String(i.isOn),
            onclick: (e) => {
              e.currentTarget.closest("details").open = false;
              i.work();
            },
          },
          h("span", { class: "tick" }, i.isOn && icon("resolve")),
          i.text,
        ),
      ),
    ),
  );
}

function outside(event) {
  const box = event.currentTarget;
  if (!box.open) return;
  const close = (e) => {
    if (!box.contains(e.target)) {
      box.open = false;
      document.removeEventListener("pointerdown", close);
    }
  };
  document.addEventListener("pointerdown", close);
}
