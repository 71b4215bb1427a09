// Modals and the Home tab: views that the app opens, changes under one's hands, and stacks.
import { drawBlocks } from "./blocks.js";
import { fill, freshId, h, keepFocus } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { act, store } from "./store.js";

const typed = new Map();
let dialog = null;
let drawn = "";
let errors = {};
let errorsOf = "";
let trouble = "";

/** What is needed to draw and use the blocks of a view. */
function contextOf(view) {
  if (!typed.has(view.id)) typed.set(view.id, {});
  const values = typed.get(view.id);
  const at = (block, one) => ({ view: view.id, block_id: block.block_id, action_id: one.action_id });
  return {
    errors: errorsOf === view.id ? errors : {},
    // What was typed stays while block and element keep their ids and their kind.
    value: (block_id, one) => {
      const mine = values[block_id]?.[one.action_id];
      const value = mine?.type === one.type ? mine : view.state.values[block_id]?.[one.action_id];
      return value?.type === one.type ? value : undefined;
    },
    keep: (block_id, one, value) => {
      (values[block_id] ??= {})[one.action_id] = value;
    },
    act: (block, one, value) => act("act", { ...at(block, one), value, values }),
    search: (block, one, words) => act("search", { ...at(block, one), typed: words }),
  };
}

/** The modal on top of the person's stack; those below it come back when it goes. */
export function drawModal() {
  const stack = store.get("modals") ?? [];
  const view = stack.at(-1);
  if (!view) {
    if (dialog) closeDialog();
    return;
  }
  const mark = JSON.stringify([view, stack.length, errorsOf === view.id ? errors : null, trouble]);
  if (mark === drawn) return;
  drawn = mark;
  prune(view);
  if (dialog?.dataset.view !== view.id) {
    closeDialog();
    drawn = mark;
    dialog = openDialog(view);
  }
  const body = parts(view, stack.length > 1);
  keepFocus(dialog, dialog, () => fill(dialog, body));
  const wrong = dialog.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
  else if (!dialog.contains(document.activeElement) || document.activeElement === dialog) {
    (dialog.querySelector(".body input, .body textarea, .body button") ?? dialog.querySelector("button"))?.focus();
  }
}

/** What was typed in a field that the view has no more is gone for good, also when it comes back. */
function prune(view) {
  const values = typed.get(view.id);
  if (!values) return;
  const held = new Map(view.blocks.map((block) => [block.block_id, block]));
  for (const name of Object.keys(values)) if (!held.has(name)) delete values[name];
}

function openDialog(view) {
  const made = h("dialog", { class: "modal", "data-view": view.id });
  // Escape leaves this one view, as Cancel does; the server takes it off the stack.
  made.addEventListener("cancel", (event) => {
    event.preventDefault();
    act("close", { view: view.id });
  });
  document.body.append(made);
  made.showModal();
  return made;
}

function closeDialog() {
  const old = dialog;
  dialog = null;
  drawn = "";
  trouble = "";
  old?.close();
  old?.remove();
}

function parts(view, isStacked) {
  const title = freshId("modal");
  dialog.setAttribute("aria-labelledby", title);
  const submit = view.submit
    ? h("button", { type: "submit", class: "button primary", "data-focus": "submit", disabled: view.submit_disabled },
        textObject(view.submit))
    : null;
  return h(
    "form",
    { novalidate: true, onsubmit: (event) => { event.preventDefault(); if (view.submit) send(view, submit); } },
    h("header", {},
      isStacked ? h("button", { type: "button", class: "cross", "aria-label": "Back", onclick: () => act("close", { view: view.id }) }, "‹") : null,
      h("h2", { id: title }, textObject(view.title)),
      h("button", { type: "button", class: "cross", "aria-label": "Close", "data-focus": "close",
        onclick: () => act("close", { view: view.id, whole: true }) }, "×")),
    h("div", { class: "body" }, trouble ? h("div", { class: "b-alert error", role: "alert" }, trouble) : null,
      drawBlocks(view.blocks, contextOf(view))),
    h("footer", {},
      h("button", { type: "button", class: "button", "data-focus": "cancel", onclick: () => act("close", { view: view.id }) },
        view.close ? textObject(view.close) : "Close"),
      submit),
  );
}

async function send(view, submit) {
  submit.disabled = true;
  submit.ariaBusy = "true";
  const answer = await act("submit", { view: view.id, values: typed.get(view.id) ?? {} });
  submit.disabled = false;
  submit.ariaBusy = "false";
  errors = answer?.errors ?? {};
  errorsOf = view.id;
  trouble = !answer || answer.failure ? "We had some trouble connecting. Try again?" : "";
  drawModal();
}

const home = { node: h("div", { class: "home" }), drawn: "" };
export const homeNode = home.node;

/** The app's Home tab, or word that there is none yet. */
export function drawHome() {
  const view = store.get("home");
  const mark = JSON.stringify([view ?? null, store.user]);
  if (mark === home.drawn) return;
  home.drawn = mark;
  const content = view
    ? drawBlocks(view.blocks, contextOf(view))
    : h("p", { class: "empty" }, "The app has put nothing on this tab yet.");
  keepFocus(home.node, home.node, () => fill(home.node, content));
}
