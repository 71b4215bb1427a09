// Block Kit, drawn. A block that is not known here becomes a box that says so, never a gap.
import { h } from "./dom.js";
import { element, accessory } from "./elements.js";
import { inputBlock } from "./inputs.js";
import { markdown } from "./markdown.js";
import { textObject } from "./mrkdwn.js";
import { picture } from "./pictures.js";
import { problem } from "./problem.js";
import { dataTable, richText, table } from "./rich.js";

const BLOCKS = {
  actions: (block, ctx) =>
    h("div", { class: "b-actions" }, block.elements.map((one) => element(one, block, ctx))),
  alert: (block) =>
    h("div", { class: `b-alert ${block.level ?? "default"}`, role: "note" }, textObject(block.text)),
  card,
  carousel: (block, ctx) =>
    h("div", { class: "b-carousel", tabindex: "0" }, block.elements.map((one) => card(one, ctx))),
  container,
  context: (block) =>
    h("div", { class: "b-context" }, block.elements.map((one) => contextPart(one))),
  data_table: (block) => dataTable(block),
  divider: () => h("hr", { class: "b-divider" }),
  header: (block) => h(`h${(block.level ?? 1) + 2}`, { class: "b-header" }, textObject(block.text)),
  image,
  input: inputBlock,
  markdown: (block) => h("div", { class: "b-markdown" }, markdown(block.text)),
  plan: (block) =>
    h(
      "div",
      { class: "b-plan" },
      h("b", {}, textObject(block.title)),
      (block.tasks ?? []).map((task) => taskCard(task)),
    ),
  rich_text: (block) => richText(block),
  section,
  table: (block) => table(block),
  task_card: (block) => taskCard(block),
};

/** Every block, in a list that a screen reader takes for one message. */
export function drawBlocks(blocks, ctx) {
  return h("div", { class: "blocks" }, blocks.map((block) => drawBlock(block, ctx)));
}

export function drawBlock(block, ctx) {
  const draw = Object.hasOwn(BLOCKS, block?.type) ? BLOCKS[block.type] : null;
  if (!draw) return problem(`a block of type "${block?.type}"`, block);
  try {
    const node = draw(block, ctx);
    node.classList.add("block");
    node.dataset.block = block.block_id ?? "";
    node.dataset.type = block.type;
    return node;
  } catch (fault) {
    // A payload of a shape that nobody expected must be seen, and must not take the page with it.
    return problem(`this ${block.type} (${fault.message})`, block);
  }
}

function section(block, ctx) {
  const text = block.text ? h("div", { class: "text" }, textObject(block.text)) : null;
  const fields = block.fields
    ? h("div", { class: "fields" }, block.fields.map((one) => h("div", { class: "field" }, textObject(one))))
    : null;
  const beside = block.accessory ? accessory(block.accessory, block, ctx) : null;
  return h("div", { class: "b-section" }, h("div", { class: "body" }, text, fields), beside);
}

function contextPart(part) {
  if (part.type === "image") return picture(part, "small");
  if (part.type === "mrkdwn" || part.type === "plain_text") return h("span", {}, textObject(part));
  return problem(`"${part.type}" in a context block`, part);
}

function image(block) {
  const title = block.title ? h("figcaption", {}, textObject(block.title)) : null;
  return h("figure", { class: "b-image" }, title, picture(block, "large"));
}

function card(block, ctx) {
  return h(
    "article",
    { class: "b-card" },
    block.hero_image ? picture(block.hero_image, "large") : null,
    h(
      "div",
      { class: "head" },
      block.icon ? picture(block.icon, "small") : null,
      h("div", {}, block.title ? h("b", {}, textObject(block.title)) : null,
        block.subtitle ? h("div", { class: "quiet" }, textObject(block.subtitle)) : null),
    ),
    block.body ? h("div", {}, textObject(block.body)) : null,
    block.subtext ? h("div", { class: "quiet" }, textObject(block.subtext)) : null,
    block.actions ? h("div", { class: "b-actions" }, block.actions.map((one) => element(one, block, ctx))) : null,
  );
}

function container(block, ctx) {
  const children = block.child_blocks.map((child) => drawBlock(child, ctx));
  const title = block.title ? textObject(block.title) : block.rich_text_title ? richText(block.rich_text_title) : null;
  const subtitle = block.subtitle ? h("div", { class: "quiet" }, textObject(block.subtitle)) : null;
  if (!block.is_collapsible) {
    return h("section", { class: "b-container" }, title ? h("b", {}, title) : null, subtitle, children);
  }
  return h(
    "details",
    { class: "b-container", open: !block.default_collapsed },
    h("summary", {}, h("b", {}, title), subtitle),
    children,
  );
}

const STATUS = { pending: "○", in_progress: "◐", complete: "●", error: "✕" };

function taskCard(block) {
  const status = block.status ?? "in_progress";
  return h(
    "div",
    { class: `b-task ${status}` },
    h("span", { role: "img", "aria-label": status.replace("_", " ") }, STATUS[status] ?? status),
    h("div", {}, textObject(block.title), block.details ? richText(block.details) : null,
      block.output ? richText(block.output) : null),
  );
}
