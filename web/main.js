// The router: an address leads to a page, a page to what it reads, an event to reading it again.

import { get, position, Problem, setToken } from "./lib/api.js";
import { announce, h, morph, throttle } from "./lib/dom.js";
import { Live } from "./lib/live.js";
import { link, navigate, onNavigate, query } from "./lib/router.js";
import { setProjectZone, setServerTime } from "./lib/time.js";
import { shell, paint } from "./shell.js";
import { listen } from "./parts/keyboard.js";
import { openSearch } from "./parts/search.js";
import { routes } from "./routes.js";

const app = { session: null, page: null, route: null, asking: null, live: null, visit: 0 };

/** What a page is given: its parameters, the query, who is there, and a way to be drawn again. */
function context(route, params) {
  const mine = app.visit;
  return {
    params,
    query: query(),
    session: app.session,
    route,
    can: (role) => allowed(role),
    get: (path, q) => get(path, q, app.asking?.signal),
    reload: () => (mine === app.visit ? refresh() : undefined),
    isHere: () => mine === app.visit,
  };
}

const ORDER = ["viewer", "operator", "admin"];
const allowed = (role) => ORDER.indexOf(app.session?.role) >= ORDER.indexOf(role);

async function open() {
  const path = decodeURI(location.pathname);
  const route = routes.find((r) => r.path.test(path));
  const isSame = route === app.route && path === app.path;
  if (!isSame) app.visit += 1;
  const visit = app.visit;
  app.asking?.abort();
  app.asking = new AbortController();
  if (!app.session || (!app.session.authenticated && !route?.bare)) await sign();
  if (!app.session?.authenticated && !route?.bare)
    return navigate(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  if (!isSame) {
    app.page?.leave?.();
    document.documentElement.classList.add("loading");
  }
  try {
    const module = route ? await route.load() : await import("./pages/missing.js");
    if (visit !== app.visit) return;
    Object.assign(app, { page: module, route, path, params: route?.path.exec(path).groups ?? {} });
    await refresh(!isSame);
  } finally {
    if (visit === app.visit) document.documentElement.classList.remove("loading");
  }
}

async function sign() {
  try {
    app.session = await get("/session");
    setServerTime(app.session.at);
    setToken(app.session.csrf_token);
    setProjectZone(app.session.timezone);
  } catch (error) {
    app.session = null;
    failed(error);
    throw error;
  }
}

async function refresh(isNew = false) {
  const { page, route, visit } = app,
    ctx = context(route, app.params);
  let content, data;
  position.restart();
  try {
    data = await page.load?.(ctx);
    if (visit !== app.visit) return;
    setServerTime(data?.at);
    content = page.view(ctx, data);
  } catch (error) {
    if (error.name === "AbortError" || visit !== app.visit) return;
    if (error.status === 401) {
      app.session = null;
      return navigate(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
    }
    if (!(error instanceof Problem)) console.error(error);
    if (!isNew) return later(error);
    content = failure(error);
  }
  retry.restart();
  const title = page.title?.(ctx, data) ?? "Freshet";
  document.title = title === "Freshet" ? title : `${title} · Freshet`;
  draw(route, content);
  page.mounted?.(ctx, data, document.getElementById("main"));
  if (isNew) {
    scrollTo(0, 0);
    announce(title);
    if (!location.hash) document.getElementById("main")?.focus({ preventScroll: true });
  }
  // A page without topics is not read again by itself; it only shows whether the connection holds.
  if (!route?.bare)
    app.live.listen(page.topics?.(ctx, data) ?? ["config"], position.value, (name, event) => {
      if (visit === app.visit && page.topics && page.event?.(ctx, name, event) !== true) again();
    });
}

const again = throttle(() => refresh(), 400);

// A page that could not be read again is older than it looks, and the event that told of it does not come twice.
const retry = {
  timer: 0,
  wait: 1000,
  restart() {
    clearTimeout(this.timer);
    this.wait = 1000;
  },
};

function later(error) {
  const passes = error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
  if (!passes) return;
  clearTimeout(retry.timer);
  retry.timer = setTimeout(() => refresh(), retry.wait);
  retry.wait = Math.min(retry.wait * 2, 30_000);
}

function draw(route, content) {
  const root = document.getElementById("app");
  if (route?.bare) {
    root.replaceChildren(h("main", { id: "main", class: "bare", tabindex: -1 }, content));
    return;
  }
  if (!root.querySelector(".shell")) root.replaceChildren(shell(app));
  paint(app);
  const main = document.getElementById("main"),
    fresh = h("main", {}, content);
  if (main.dataset.visit !== String(app.visit)) {
    main.replaceChildren(...fresh.childNodes);
    main.dataset.visit = app.visit;
  } else morph(main, fresh);
  main.className = `page ${route?.href === "/lineage" ? "full" : ""}`;
}

function failure(error) {
  return h(
    "div",
    { class: "empty problem" },
    h("h1", {}, error.title ?? "This page could not be shown"),
    h("p", {}, error.message),
    error.nearest && h("p", {}, "Did you mean ", h("a", { href: `/assets/${error.nearest}` }, error.nearest), "?"),
    [403, 404].includes(error.status)
      ? link(
          app.route?.within ?? "/",
          { class: "button" },
          error.status === 404 && app.route?.within ? "To the list" : "To the overview",
        )
      : h("button", { class: "button", onclick: () => refresh(true) }, "Try again"),
  );
}

function failed(error) {
  document
    .getElementById("app")
    .replaceChildren(h("main", { id: "main", class: "bare", tabindex: -1 }, failure(error)));
}

app.live = new Live((status) => {
  document.documentElement.dataset.live = status;
  if (app.session) paint(app, status);
});
app.open = open;
app.refresh = () => refresh();
app.signedOut = () => {
  app.session = null;
  app.live.stop();
};
app.search = () => openSearch(app);
onNavigate(open);
addEventListener("popstate", open);
addEventListener("visibilitychange", () => {
  if (!document.hidden && app.page?.topics) again();
});
addEventListener("online", () => {
  if (app.page?.topics) again();
});
listen({ search: app.search });
open().catch(() => {});
