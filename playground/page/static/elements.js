// Interactive elements where they act at once: in messages, home tabs, and beside sections.
import { freshId, h } from "./dom.js";
import { confirmed } from "./dialogs.js";
import { field } from "./inputs.js";
import { link, textObject, words } from "./mrkdwn.js";
import { picture } from "./pictures.js";
import { problem } from "./problem.js";
import { keyOf, stateOf } from "./values.js";

/** An element that tells the app as soon as it is used. */
export function element(one, block, ctx) {
  const node = drawn(one, block, ctx);
  node.dataset.action = one.action_id ?? "";
  return node;
}

export function accessory(one, block, ctx) {
  if (one.type === "image") return h("div", { class: "accessory" }, picture(one, "thumb"));
  return h("div", { class: "accessory" }, element(one, block, ctx));
}

function drawn(one, block, ctx) {
  if (one.type === "button" || one.type === "workflow_button") return button(one, block, ctx);
  if (one.type === "overflow") return overflow(one, block, ctx);
  if (!keyOf(one.type)) return problem(`an element of type "${one.type}"`, one);
  const told = async (content) => {
    if (!(await confirmed(one.confirm))) return false;
    ctx.keep?.(block.block_id, one, stateOf(one, content));
    await ctx.act(block, one, content);
    return true;
  };
  return field(one, block, ctx, told);
}

function button(one, block, ctx) {
  const node = h(
    one.url ? "span" : "button",
    {
      ...(one.url ? { class: "button-link" } : { type: "button", class: `button ${one.style ?? ""}` }),
      "aria-label": one.accessibility_label,
      "data-focus": `${block.block_id}/${one.action_id}`,
    },
  );
  const press = async () => {
    if (node.ariaBusy === "true" || !(await confirmed(one.confirm))) return;
    node.ariaBusy = "true";
    const answer = await ctx.act(block, one, null);
    node.ariaBusy = "false";
    node.classList.toggle("unheard", !answer || Boolean(answer.failure));
  };
  if (one.url) {
    // Slack opens the address and tells the app all the same.
    const anchor = link(one.url, words(one.text));
    if (!(anchor instanceof Node)) return problem("a button with such an address", one);
    anchor.classList.add("button", ...(one.style ? [one.style] : []));
    anchor.addEventListener("click", press);
    node.append(anchor);
    return node;
  }
  node.append(...textObject(one.text));
  node.addEventListener("click", press);
  return node;
}

function overflow(one, block, ctx) {
  const id = freshId("menu");
  const items = one.options.map((option) => {
    const item = h("button", { type: "button", role: "menuitem", "data-value": option.value }, textObject(option.text));
    item.addEventListener("click", async () => {
      close(true);
      if (await confirmed(one.confirm)) ctx.act(block, one, option);
    });
    return item;
  });
  const menu = h("div", { class: "menu", role: "menu", id, hidden: true }, items);
  const opener = h(
    "button",
    { type: "button", class: "button overflow", "aria-label": "More actions", "aria-haspopup": "menu",
      "aria-expanded": "false", "aria-controls": id, "data-focus": `${block.block_id}/${one.action_id}` },
    "⋯",
  );
  const node = h("div", { class: "overflow-box" }, opener, menu);
  const close = (back) => {
    menu.hidden = true;
    opener.ariaExpanded = "false";
    if (back) opener.focus();
  };
  opener.addEventListener("click", () => {
    menu.hidden = !menu.hidden;
    opener.ariaExpanded = String(!menu.hidden);
    if (!menu.hidden) items[0].focus();
  });
  node.addEventListener("keydown", (event) => {
    const here = items.indexOf(document.activeElement);
    if (event.key === "Escape" && !menu.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    } else if (here >= 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      items[(here + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length].focus();
    }
  });
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || close(false));
  return node;
}
