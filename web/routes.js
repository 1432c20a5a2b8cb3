// One line a page: the address, the module, the name, the icon, the key after g, whether it is in the navigation.

export const routes = [
  { path: /^\/$/, load: () => import("./pages/overview.js"), name: "Overview", href: "/", icon: "overview", key: "o" },
  { path: /^\/lineage$/, load: () => import("./pages/lineage.js"), name: "Lineage", href: "/lineage", icon: "lineage", key: "l" },
  { path: /^\/assets$/, load: () => import("./pages/assets.js"), name: "Assets", href: "/assets", icon: "assets", key: "a" },
  { path: /^\/assets\/(?<asset>.+)$/, load: () => import("./pages/asset.js"), within: "/assets" },
  { path: /^\/runs$/, load: () => import("./pages/runs.js"), name: "Runs", href: "/runs", icon: "runs", key: "r" },
  { path: /^\/runs\/(?<run>[0-9a-f-]+)$/, load: () => import("./pages/run.js"), within: "/runs" },
  { path: /^\/sensors$/, load: () => import("./pages/sensors.js"), name: "Sensors & schedules", href: "/sensors", icon: "sensors", key: "s" },
  { path: /^\/launch$/, load: () => import("./pages/launch.js"), name: "Launch", href: "/launch", icon: "launch", key: "p" },
  { path: /^\/savings$/, load: () => import("./pages/savings.js"), name: "Savings", href: "/savings", icon: "savings", key: "v", second: true },
  { path: /^\/config$/, load: () => import("./pages/config.js"), name: "Config", href: "/config", icon: "config", key: "c", second: true },
  { path: /^\/audit$/, load: () => import("./pages/audit.js"), name: "Audit", href: "/audit", icon: "audit", key: "u", second: true, role: "admin" },
  { path: /^\/login$/, load: () => import("./pages/login.js"), bare: true },
];
