// Structured text and tables.
import { h } from "./dom.js";
import { dateWords, emoji, link, mentionChannel, mentionGroup, mentionUser, textObject } from "./mrkdwn.js";
import { problem } from "./problem.js";

export function richText(block) {
  return h("div", { class: "b-rich" }, block.elements.map(richElement));
}

function richElement(one) {
  switch (one.type) {
    case "rich_text_section":
      return h("div", { class: "line" }, one.elements.map(part));
    case "rich_text_quote":
      return h("blockquote", {}, one.elements.map(part));
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, one.elements.map(part)));
    case "rich_text_list":
      return h(
        one.style === "ordered" ? "ol" : "ul",
        { class: `indent-${one.indent ?? 0}`, start: one.offset ? one.offset + 1 : undefined },
        one.elements.map((item) => h("li", {}, item.elements.map(part))),
      );
    default:
      return problem(`"${one.type}" in a rich text`, one);
  }
}

function part(one) {
  const drawn = bare(one);
  const style = one.style ?? {};
  let node = drawn;
  for (const [name, tag] of [["code", "code"], ["bold", "b"], ["italic", "i"], ["strike", "s"], ["underline", "u"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}

function bare(one) {
  switch (one.type) {
    case "text":
      return lines(one.text);
    case "link":
      return link(one.url, one.text || one.url);
    case "user":
      return mentionUser(one.user_id);
    case "usergroup":
      return mentionGroup(one.usergroup_id);
    case "channel":
      return mentionChannel(one.channel_id);
    case "emoji":
      return emoji(one.name);
    case "date":
      return dateWords(one.timestamp, one.format ?? "{date_short} {time}") ?? one.fallback ?? "";
    case "broadcast":
      return h("span", { class: "mention loud" }, `@${one.range}`);
    case "color":
      return h("code", {}, one.value);
    default:
      return problem(`"${one.type}" in a rich text`, one);
  }
}

function lines(text) {
  const found = text.split("\n");
  return found.length === 1 ? text : h("span", {}, found.flatMap((line, i) => (i ? [h("br"), line] : [line])));
}

export function table(block) {
  const sides = block.column_settings ?? [];
  const [first, ...rest] = block.rows;
  return wrapped(
    h("thead", {}, row(first, "th", sides)),
    h("tbody", {}, rest.map((one) => row(one, "td", sides))),
  );
}

function row(cells, tag, sides) {
  return h(
    "tr",
    {},
    cells.map((one, i) =>
      h(tag, { class: `align-${sides[i]?.align ?? "left"}${sides[i]?.is_wrapped ? " wrapped" : ""}` }, cell(one)),
    ),
  );
}

function cell(one) {
  if (one.type === "raw_text") return one.text;
  if (one.type === "raw_number") return one.text ?? String(one.value);
  if (one.type === "rich_text") return richText(one);
  return problem(`"${one.type}" in a table`, one);
}

function wrapped(...children) {
  // Wide tables scroll inside their own box; by keyboard too, hence the tab stop.
  return h("div", { class: "table-wrap", tabindex: "0" }, h("table", {}, children));
}

/** A table that shows a page of its rows at a time. */
export function dataTable(block) {
  const [first, ...rest] = block.rows;
  const size = block.page_size ?? 5;
  const last = Math.max(0, Math.ceil(rest.length / size) - 1);
  let page = 0;
  const body = h("tbody");
  const place = h("span");
  const turn = (by) => {
    page = Math.min(last, Math.max(0, page + by));
    body.replaceChildren(...rest.slice(page * size, (page + 1) * size).map((one) => row(one, "td", [])));
    place.textContent = `${page + 1} / ${last + 1}`;
  };
  turn(0);
  const pager = h(
    "div",
    { class: "pager" },
    h("button", { type: "button", onclick: () => turn(-1), "aria-label": "Previous page" }, "‹"),
    place,
    h("button", { type: "button", onclick: () => turn(1), "aria-label": "Next page" }, "›"),
  );
  return h(
    "div",
    {},
    h("div", { class: "quiet" }, textObject(block.caption)),
    wrapped(h("thead", {}, row(first, "th", [])), body),
    last ? pager : null,
  );
}
