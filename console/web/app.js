// The page: which view is shown, and in which colours.

import { takeToken } from "./api.js";
import { hideCharts, setUpCharts, showCharts } from "./charts.js";
import { setUpChat, showChat } from "./chat.js";
import { byId } from "./dom.js";
import { setUpTrail, showTrail } from "./trail.js";

const VIEWS = { chat: showChat, trail: showTrail, charts: showCharts };
const THEMES = ["system", "light", "dark"];

/** Shows the view that the address names, such as `#/trail?status=503`; others are left as they are. */
function route(event) {
  if (location.hash === "#main") {
    return;
  }
  const [path, parameters = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const view = Object.hasOwn(VIEWS, path) ? path : "chat";
  for (const name of Object.keys(VIEWS)) {
    byId(name).hidden = name !== view;
  }
  for (const link of document.querySelectorAll("nav [data-view]")) {
    link.ariaCurrent = link.dataset.view === view ? "page" : null;
  }
  document.title = `${view[0].toUpperCase()}${view.slice(1)} · Skein`;
  byId("record").close();
  hideCharts();
  VIEWS[view](Object.fromEntries(new URLSearchParams(parameters)));
  if (event) {
    byId(`${view}-title`).focus();
  }
}

function setUpTheme() {
  const button = byId("theme");
  const root = document.documentElement;
  const show = () => (button.textContent = `Theme: ${root.dataset.theme}`);
  button.addEventListener("click", () => {
    root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
    localStorage.setItem("skein.theme", root.dataset.theme);
    show();
    dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
  show();
}

takeToken();
setUpTheme();
setUpChat();
setUpTrail();
setUpCharts();
addEventListener("hashchange", route);
route();
