// Who you are, and where you can go.
import { fill, h, keepFocus } from "./dom.js";
import { store } from "./store.js";
import { channels, go, ui, unread } from "./ui.js";

export const node = h("nav", { class: "sidebar", id: "sidebar", "aria-label": "Workspace" });
let drawn = "";

export function draw() {
  const page = store.get("page");
  const team = store.team();
  const items = channels().map((one) => ({ ...one, unread: one.id === ui.channel ? 0 : unread(one.id) }));
  const mark = JSON.stringify([store.user, ui.channel, ui.tab, page.personas, items, store.get("slack")]);
  if (mark === drawn) return;
  drawn = mark;
  keepFocus(node, node, () =>
    fill(
      node,
      h("div", { class: "team" }, h("b", {}, team.name), h("span", {}, "a workspace on this machine")),
      h("h2", {}, "You are"),
      h("div", { class: "personas", role: "group", "aria-label": "You are" }, page.personas.map(persona)),
      h("h2", {}, "Channels"),
      h("ul", {}, items.filter((one) => !one.is_im).map(entry)),
      h("h2", {}, "Direct messages"),
      h("ul", {}, items.filter((one) => one.is_im).map(entry)),
    ),
  );
}

function persona(one) {
  const mine = one.name === store.user;
  const person = Object.values(store.team().people).find((other) => other.name === one.name);
  return h(
    "button",
    { type: "button", class: "persona", "aria-pressed": String(mine), "data-persona": one.name,
      "data-focus": `persona/${one.name}`, onclick: () => mine || go({ user: one.name }) },
    avatar(person),
    h("span", { class: "who" }, h("b", {}, person?.real_name ?? one.name), h("span", {}, one.caption)),
  );
}

function entry(one) {
  const name = one.is_im ? "Nubemox" : one.name;
  const sign = one.is_im ? avatar(store.person(store.team().bot)) : h("span", { class: "sign", "aria-hidden": "true" }, one.is_private ? "🔒" : "#");
  const open = one.id === ui.channel;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: one.unread ? "place new" : "place", "aria-current": open ? "page" : undefined,
        "data-place": one.is_im ? "dm" : one.name, "data-focus": `place/${one.id}`,
        onclick: () => go({ channel: one.id }) },
      sign,
      h("span", { class: "name" }, name),
      one.unread ? h("span", { class: "count", "aria-label": `${one.unread} new` }, one.unread) : null,
    ),
  );
}

const COLOURS = 6;

/** The app's sign, or a person's first letter on a colour of their own. */
export function avatar(person) {
  if (!person) return h("span", { class: "avatar slackbot", "aria-hidden": "true" }, "S");
  if (person.is_bot) return h("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const colour = Object.keys(store.team().people).indexOf(person.id) % COLOURS;
  return h("span", { class: `avatar colour-${colour}`, "aria-hidden": "true" }, (person.real_name || person.name)[0]);
}
