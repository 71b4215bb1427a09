// The page as a whole: what stands where, and what is drawn again when something changed.
import { composer } from "./composer.js";
import { fill, h } from "./dom.js";
import * as messages from "./messages.js";
import * as panel from "./panel.js";
import * as sidebar from "./sidebar.js";
import { act, become, store } from "./store.js";
import { go, here, markRead, messages as messagesOf, readAddress, settle, ui } from "./ui.js";
import { drawHome, drawModal, homeNode } from "./views.js";

const FIRST = "ana";
const title = h("div", { class: "title" });
const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "The app" });
const list = h("ol", { class: "messages", role: "log", "aria-label": "Messages" });
const intro = h("div", { class: "intro" });
const scroller = h("div", { class: "scroller", tabindex: "0" }, intro, list);
const main = composer(() => ({ channel: ui.channel, label: label() }));
const threadList = h("ol", { class: "messages", role: "log", "aria-label": "Thread" });
const threadPlace = h("span", { class: "quiet" });
const threadComposer = composer(() => ({ channel: ui.channel, thread_ts: ui.thread || undefined, label: "Reply…" }));
const closeThread = () => { go({ tab: ui.tab }); main.focus(); };
const thread = h("aside", { class: "thread", "aria-label": "Thread" },
  h("header", {}, h("h2", {}, "Thread"), threadPlace,
    h("button", { type: "button", class: "cross", "aria-label": "Close thread", onclick: closeThread }, "×")),
  h("div", { class: "scroller", tabindex: "0" }, threadList), threadComposer.node);
const opener = (name, sign, what, toggle) =>
  h("button", { type: "button", class: `opener ${name}`, "aria-label": what, title: what, "aria-controls": name, onclick: toggle }, sign);
const openSidebar = opener("sidebar-opener", "☰", "Channels and people", () => { ui.drawer = !ui.drawer; ui.changed(); });
const openPanel = opener("panel-opener", "⚙", "Behind the scenes", () => { ui.panel = !ui.panel; ui.changed(); });
const center = h("main", { class: "center" }, h("header", {}, openSidebar, title, openPanel), tabs, scroller, homeNode, main.node);
const veil = h("div", { class: "veil", onclick: () => { ui.drawer = false; ui.changed(); } });
let titled = "";
let opened = "";

function label() {
  const place = here();
  return place?.is_im ? "Message Nubemox" : `Message #${place?.name ?? ""}`;
}

function draw() {
  if (!store.me() || !store.get("page")) return;
  settle();
  const place = here();
  if (!place) return;
  const all = messagesOf(ui.channel);
  markRead(ui.channel);
  sidebar.draw();
  drawTitle(place);
  tellOpened(place);
  const isHome = place.is_im && ui.tab === "home";
  scroller.hidden = main.node.hidden = isHome;
  homeNode.hidden = !isHome;
  if (isHome) drawHome();
  const shown = all.filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.broadcast);
  shown.place = `${store.user}/${ui.channel}`;
  messages.draw(list, shown, { all });
  main.draw();
  thread.hidden = !ui.thread;
  if (ui.thread) {
    const said = all.filter((one) => one.ts === ui.thread || one.thread_ts === ui.thread);
    said.place = ui.thread;
    threadPlace.textContent = place.is_im ? "Nubemox" : `#${place.name}`;
    messages.draw(threadList, said, { thread: true });
    threadComposer.draw();
  }
  const hasPanel = Boolean(store.get("cluster"));
  openPanel.hidden = !hasPanel;
  panel.node.hidden = !hasPanel || !ui.panel;
  openPanel.ariaExpanded = String(!panel.node.hidden);
  if (!panel.node.hidden) panel.draw(use);
  sidebar.node.classList.toggle("open", ui.drawer);
  openSidebar.ariaExpanded = String(ui.drawer);
  veil.hidden = !ui.drawer;
  drawModal();
}

function drawTitle(place) {
  const mark = JSON.stringify([place, ui.tab, store.user]);
  if (mark === titled) return;
  titled = mark;
  const name = place.is_im ? "Nubemox" : `# ${place.name}`;
  const note = place.is_im ? "App" : `${place.members} members${place.is_shared ? ", shared with another company" : ""}`;
  fill(title, h("h1", {}, name), h("span", { class: "quiet" }, note));
  fill(intro, h("h2", {}, name), h("p", {}, place.is_im
    ? "This is your conversation with the bot. Nobody else reads it, and here it takes its commands without a slash: "
    : `This is the beginning of #${place.name}. Ask the bot what it can do: `,
  h("code", {}, place.is_im ? "help" : "/nubemox help")));
  document.title = `${name} · Nubemox playground`;
  tabs.hidden = !place.is_im;
  fill(tabs, [["home", "Home"], ["messages", "Messages"]].map(([tab, words]) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(ui.tab === tab), "data-tab": tab, onclick: () => go({ tab }) }, words)));
}

/** Slack tells the app whenever somebody opens one of its tabs, by whatever way they came. */
function tellOpened(place) {
  const tab = place.is_im ? `${store.user}/${ui.tab}` : "";
  if (tab === opened) return;
  opened = tab;
  if (tab) act("tab", { tab: ui.tab });
}

/** Put a line to try into the composer of whom it is for. */
function use(tip) {
  const put = () => {
    const place = store.all("channel:").find((one) => (tip.where === "dm" ? one.is_im : one.name === tip.where));
    if (!place || store.user !== tip.who) return false;
    if (matchMedia("(max-width: 1099px)").matches) ui.panel = false;
    go({ channel: place.id });
    main.put(tip.line);
    return true;
  };
  if (put()) return;
  pending = put;
  go({ user: tip.who });
}

let pending = null;
ui.changed = draw;
store.listen(() => {
  draw();
  if (pending?.()) pending = null;
});
addEventListener("hashchange", () => {
  const user = readAddress(store.user);
  if (user !== store.user) become(user);
  else draw();
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (ui.drawer) { ui.drawer = false; draw(); } else if (ui.thread) closeThread();
});

fill(document.getElementById("app"), sidebar.node, center, thread, panel.node, veil,
  h("div", { class: "lost", role: "alert" }, "The demo has ended or cannot be reached. Trying again…"));
become(readAddress(FIRST));
main.focus();
