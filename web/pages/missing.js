import { h } from "../lib/dom.js";
import { link } from "../lib/router.js";

export const title = () => "Not found";
export const view = () =>
  h(
    "div",
    { class: "empty problem" },
    h("h1", {}, "There is no such page"),
    h("p", {}, "The address may be mistyped, or from an older version."),
    link("/", { class: "button" }, "To the overview"),
  );
