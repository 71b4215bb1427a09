// The `markdown` block: the everyday part of CommonMark and GitHub's tables, as nodes.
import { h } from "./dom.js";
import { link } from "./mrkdwn.js";

const SPANS = [
  ["code", /(`+)(.+?)\1/u],
  ["link", /\[([^\]\n]+)\]\((\S+?)\)/u],
  ["address", /<(https?:\/\/[^\s>]+)>/u],
  ["bold", /(\*\*|__)(?=\S)(.+?\S?)\1/u],
  ["strike", /(~~)(?=\S)(.+?)\1/u],
  ["italic", /(?<![\p{L}\p{N}*_])([*_])(?=\S)(.+?)\1(?![\p{L}\p{N}*_])/u],
  ["escaped", /\\([\\`*_{}[\]()#+.!|~<>-])/u],
];
const LIST = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/u;

export function markdown(text) {
  const lines = text.replaceAll("\r", "").split("\n");
  const nodes = [];
  while (lines.length) nodes.push(...block(lines));
  return nodes;
}

/** Take the next block off the lines. */
function block(lines) {
  const line = lines.shift();
  if (!line.trim()) return [];
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/u.exec(line);
  if (heading) return [h(`h${Math.min(6, heading[1].length + 2)}`, {}, spans(heading[2]))];
  if (/^\s*([-*_])(?:\s*\1){2,}\s*$/u.test(line)) return [h("hr")];
  if (/^```/u.test(line)) {
    const code = take(lines, (next) => !/^```/u.test(next));
    lines.shift();
    return [h("pre", {}, h("code", {}, code.join("\n")))];
  }
  if (line.startsWith(">")) {
    const quote = [line, ...take(lines, (next) => next.startsWith(">"))];
    return [h("blockquote", {}, markdown(quote.map((one) => one.replace(/^> ?/u, "")).join("\n")))];
  }
  if (LIST.test(line)) {
    const goesOn = (next) => /^\s+\S/u.test(next) || (LIST.test(next) && isOrdered(next) === isOrdered(line));
    return [list([line, ...take(lines, goesOn)])];
  }
  if (line.includes("|") && /^\s*\|?(\s*:?-+:?\s*\|?)+\s*$/u.test(lines[0] ?? "")) {
    return [table([line, ...take(lines, (next) => next.includes("|"))])];
  }
  const special = /^(#{1,6}\s|```|>)/u;
  const more = take(lines, (next) => next.trim() && !special.test(next) && !LIST.test(next));
  return [h("p", {}, spans([line, ...more].join("\n")))];
}

const isOrdered = (line) => /\d/u.test(LIST.exec(line)[2]);

function take(lines, wanted) {
  const taken = [];
  while (lines.length && wanted(lines[0])) taken.push(lines.shift());
  return taken;
}

function list(lines) {
  const [, indent] = LIST.exec(lines[0]);
  const items = [];
  for (const line of lines) {
    const found = LIST.exec(line);
    if (found && found[1].length <= indent.length) items.push({ text: found[3], under: [] });
    else if (found) items.at(-1).under.push(line);
    else items.at(-1).text += `\n${line.trim()}`;
  }
  const children = items.map(({ text, under }) => {
    const task = /^\[([ xX])\]\s+(.*)$/su.exec(text);
    const said = task ? `${task[1] === " " ? "☐" : "☑"} ${task[2]}` : text;
    return h("li", {}, spans(said), under.length ? list(under) : null);
  });
  return h(isOrdered(lines[0]) ? "ol" : "ul", {}, children);
}

function table(lines) {
  const cells = (line) => line.trim().replace(/^\||\|$/gu, "").split("|").map((cell) => cell.trim());
  const sides = cells(lines[1]).map((rule) =>
    rule.endsWith(":") ? (rule.startsWith(":") ? "center" : "right") : "left",
  );
  const row = (line, tag) =>
    h("tr", {}, cells(line).map((cell, i) => h(tag, { class: `align-${sides[i] ?? "left"}` }, spans(cell))));
  return h(
    "div",
    { class: "table-wrap", tabindex: "0" },
    h("table", {}, h("thead", {}, row(lines[0], "th")), h("tbody", {}, lines.slice(2).map((line) => row(line, "td")))),
  );
}

function spans(text) {
  let first = null;
  for (const [kind, pattern] of SPANS) {
    const found = pattern.exec(text);
    if (found && (!first || found.index < first.found.index)) first = { kind, found };
  }
  if (!first) return broken(text);
  const { kind, found } = first;
  return [
    ...broken(text.slice(0, found.index)),
    span(kind, found),
    ...spans(text.slice(found.index + found[0].length)),
  ];
}

function span(kind, found) {
  switch (kind) {
    case "code":
      return h("code", {}, found[2]);
    case "link":
      return link(found[2], found[1]);
    case "address":
      return link(found[1], found[1]);
    case "escaped":
      return found[1];
    default:
      return h({ bold: "b", strike: "s", italic: "i" }[kind], {}, spans(found[2]));
  }
}

/** Slack breaks lines where the text does. */
function broken(text) {
  return text.split("\n").flatMap((line, i) => (i ? [h("br"), line] : [line])).filter((part) => part !== "");
}
