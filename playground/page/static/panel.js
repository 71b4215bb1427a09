// The panel that plays the cluster: the other side of what the chat shows.
import { fill, h, keepFocus, toast } from "./dom.js";
import { act, store } from "./store.js";
import { ui } from "./ui.js";

export const node = h("aside", { class: "panel", id: "panel", "aria-label": "Play the cluster" });
const TIMES = [["instant", "Instant"], ["fast", "×5"], ["real", "×1"], ["slow", "×⅕"]];
let drawn = "";

/** `use` puts a line into the composer of somebody, somewhere. */
export function draw(use) {
  const cluster = store.get("cluster");
  const page = store.get("page");
  const mark = JSON.stringify([cluster, page.tips, store.get("slack"), store.user]);
  if (mark === drawn) return;
  drawn = mark;
  const scrolled = node.scrollTop;
  keepFocus(node, node, () =>
    fill(
      node,
      h("header", {}, h("h2", {}, "Behind the scenes"),
        h("button", { type: "button", class: "cross", "aria-label": "Hide this panel", "data-focus": "hide",
          onclick: () => { ui.panel = false; ui.changed(); } }, "×")),
      page.tips.length ? tips(page.tips, use) : null,
      cluster ? [nodes(cluster), storages(cluster), guests(cluster), trouble(cluster), tasks(cluster)] : null,
    ),
  );
  node.scrollTop = scrolled;
}

async function turn(wish) {
  const answer = await act("cluster", wish);
  if (answer?.told) toast(answer.told);
}

function tips(found, use) {
  return h("section", {}, h("h3", {}, "Three things to try"),
    h("ol", { class: "tips" }, found.map((tip) =>
      h("li", {},
        h("button", { type: "button", class: "tip", "data-focus": `tip/${tip.line}/${tip.who}`, onclick: () => use(tip) },
          h("span", {}, tip.why), h("code", {}, tip.line))))));
}

function trouble(cluster) {
  const connected = store.get("slack")?.connected;
  return h("section", {}, h("h3", {}, "Make trouble"),
    h("label", { class: "switch" },
      h("input", { type: "checkbox", role: "switch", checked: cluster.slow, "data-knob": "slow", "data-focus": "slow",
        onchange: (event) => turn({ knob: "slow", on: event.target.checked }) }),
      "Proxmox VE slow: 5 s more per call"),
    h("div", { class: "row" },
      h("button", { type: "button", class: "button", disabled: cluster.failing, "data-knob": "fail", "data-focus": "fail",
        onclick: () => turn({ knob: "fail" }) }, cluster.failing ? "The next task will fail" : "Fail the next task"),
      cluster.backup
        ? h("button", { type: "button", class: "button", "aria-pressed": String(cluster.spoilt), "data-knob": "backup", "data-focus": "backup",
          onclick: () => turn({ knob: "backup", on: !cluster.spoilt }) },
          cluster.spoilt ? `Back ${cluster.backup} up well` : `Fail ${cluster.backup}'s backup`)
        : null,
      h("button", { type: "button", class: "button", "data-knob": "socket", "data-focus": "socket",
        onclick: () => turn({ knob: "socket" }) }, "Close Slack's socket")),
    h("p", { class: connected ? "link up" : "link down" }, connected ? "The bot is connected to Slack." : "The bot is not connected to Slack."),
    h("div", { class: "row times", role: "group", "aria-label": "How fast the cluster's time runs" }, h("span", {}, "Time"),
      TIMES.map(([to, label]) =>
        h("button", { type: "button", class: "button", "aria-pressed": String(cluster.time === to), "data-focus": `time/${to}`,
          onclick: () => turn({ knob: "time", to }) }, label))));
}

function nodes(cluster) {
  return h("section", {}, h("h3", {}, "Nodes"),
    h("ul", { class: "nodes" }, cluster.nodes.map((one) =>
      h("li", { class: one.online ? "up" : "down", "data-node": one.name },
        h("span", { class: "lamp", "aria-hidden": "true" }), h("b", {}, one.name), h("span", { class: "quiet" }, one.online ? "online" : "offline"),
        h("button", { type: "button", class: "button", "data-focus": `node/${one.name}`,
          onclick: () => turn({ knob: "node", node: one.name, on: !one.online }) },
          one.online ? "Take away" : "Bring back")))));
}

function storages(cluster) {
  return h("section", {}, h("h3", {}, "Storages"),
    h("ul", { class: "nodes" }, cluster.storages.map((one) =>
      h("li", { class: one.full ? "down" : "up", "data-storage": one.name },
        h("span", { class: "lamp", "aria-hidden": "true" }), h("b", {}, one.name), h("span", { class: "quiet" }, `${one.percent} % full`),
        h("button", { type: "button", class: "button", "data-focus": `storage/${one.name}`,
          onclick: () => turn({ knob: "storage", storage: one.name, on: !one.full }) },
          one.full ? "Empty it" : "Fill it")))));
}

function guests(cluster) {
  const offline = new Set(cluster.nodes.filter((one) => !one.online).map((one) => one.name));
  return h("section", {}, h("h3", {}, "Guests, as the cluster has them"),
    h("div", { class: "table-wrap", tabindex: "0", "data-focus": "guests" }, h("table", { class: "guests" },
      h("thead", {}, h("tr", {}, ["", "Guest", "Pool", "Node"].map((one) => h("th", {}, one)))),
      h("tbody", {}, cluster.guests.map((one) => {
        const status = offline.has(one.node) ? "unknown" : one.status;
        return h("tr", { "data-vmid": one.vmid, "data-status": status },
          h("td", {}, h("span", { class: `state ${status}` }, status)),
          h("td", {}, h("b", {}, one.name), h("span", { class: "quiet" }, ` ${one.vmid}`), one.lock ? h("span", { class: "quiet" }, ` ${one.lock}`) : null),
          h("td", {}, one.pool || "–"), h("td", {}, one.node));
      })))));
}

function tasks(cluster) {
  return h("section", {}, h("h3", {}, "Tasks"),
    cluster.tasks.length
      ? h("ul", { class: "tasks" }, cluster.tasks.map((one) =>
          h("li", { class: one.status === "OK" ? "good" : one.status === "running" ? "running" : "bad" },
            h("code", {}, one.what), h("span", {}, one.status), h("span", { class: "quiet" }, one.user))))
      : h("p", { class: "quiet" }, "None yet."));
}
