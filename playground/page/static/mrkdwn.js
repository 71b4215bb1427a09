// Slack's own markup: `*bold*`, `<https://…|words>`, `<@U…>`, `<!date^…>` and the rest, as nodes.
import { h } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { store } from "./store.js";

const FENCE = /```\n?([\s\S]*?)\n?```/;
const EDGE = "(?<![\\p{L}\\p{N}])";
const AFTER = "(?![\\p{L}\\p{N}])";
const TOKENS = [
  ["code", /`([^`\n]+)`/u],
  ["entity", /<([^<>\n]+)>/u],
  ["bold", new RegExp(`${EDGE}\\*(?=\\S)([^\\n]*?[^\\s*])\\*${AFTER}`, "u")],
  ["italic", new RegExp(`${EDGE}_(?=\\S)([^\\n]*?[^\\s_])_${AFTER}`, "u")],
  ["strike", new RegExp(`${EDGE}~(?=\\S)([^\\n]*?[^\\s~])~${AFTER}`, "u")],
  ["emoji", /:([a-z0-9_+-]+):/u],
];
const ADDRESS = ["address", /\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?)]/u];

/** Text with Slack's markup; `verbatim` leaves bare addresses alone. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const fence = FENCE.exec(text);
  if (!fence) return quoted(text, verbatim);
  return [
    ...quoted(text.slice(0, fence.index).replace(/\n$/, ""), verbatim),
    h("pre", {}, h("code", {}, unescaped(fence[1]))),
    ...mrkdwn(text.slice(fence.index + fence[0].length).replace(/^\n/, ""), { verbatim }),
  ];
}

/** Text without markup; Slack still turns `:names:` into emoji unless told not to. */
export function plainText(text, { emoji = true } = {}) {
  return emoji ? split(text, [TOKENS[5]], (kind, found) => drawn(kind, found), (rest) => rest) : [text];
}

/** One of Slack's text objects, or a string. */
export function textObject(object) {
  if (object === undefined || object === null) return [];
  if (typeof object === "string") return plainText(object);
  if (object.type === "mrkdwn") return mrkdwn(object.text ?? "", object);
  return plainText(object.text ?? "", object);
}

/** The bare words of a text object, for labels that cannot hold nodes. */
export function words(object) {
  return h("span", {}, textObject(object)).textContent;
}

function quoted(text, verbatim) {
  if (!text) return [];
  const nodes = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const said = /^(?:&gt;|>) ?(.*)$/u.exec(line);
    if (said) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(said[1], verbatim));
      continue;
    }
    if (nodes.length && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(h("span", {}, inline(line, verbatim)));
  }
  return nodes;
}

function inline(text, verbatim) {
  const tokens = verbatim ? TOKENS : [...TOKENS, ADDRESS];
  return split(text, tokens, (kind, found) => drawn(kind, found, verbatim), unescaped);
}

/** Cut text at the token that begins first, again and again. */
function split(text, tokens, draw, rest) {
  const nodes = [];
  let left = text;
  while (left) {
    let first = null;
    for (const [kind, pattern] of tokens) {
      const found = pattern.exec(left);
      if (found && (!first || found.index < first.found.index)) first = { kind, found };
    }
    if (!first) break;
    if (first.found.index) nodes.push(rest(left.slice(0, first.found.index)));
    nodes.push(...[draw(first.kind, first.found)].flat());
    left = left.slice(first.found.index + first.found[0].length);
  }
  if (left) nodes.push(rest(left));
  return nodes;
}

function drawn(kind, found, verbatim) {
  const inner = found[1];
  switch (kind) {
    case "code":
      return h("code", {}, inlineCode(inner));
    case "bold":
      return h("b", {}, inline(inner, verbatim));
    case "italic":
      return h("i", {}, inline(inner, verbatim));
    case "strike":
      return h("s", {}, inline(inner, verbatim));
    case "emoji":
      return emoji(inner);
    case "address":
      return link(unescaped(found[0]), unescaped(found[0]));
    default:
      return entity(inner);
  }
}

// Slack resolves mentions and links inside of `code` too, but no other markup.
function inlineCode(text) {
  return split(text, [TOKENS[1]], (_kind, found) => entity(found[1]), unescaped);
}

export function emoji(name) {
  const sign = emojiOf(name);
  return sign ? h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, sign) : `:${name}:`;
}

function entity(inner) {
  const [target, label] = cut(inner, "|");
  if (target.startsWith("@")) return mentionUser(target.slice(1), label);
  if (target.startsWith("#")) return mentionChannel(target.slice(1), label);
  if (target.startsWith("!date^")) return dateEntity(target, label);
  if (target.startsWith("!subteam^")) return mentionGroup(target.slice(9), label);
  if (target.startsWith("!")) return h("span", { class: "mention loud" }, `@${target.slice(1)}`);
  return link(unescaped(target), unescaped(label ?? target.replace(/^mailto:/, "")));
}

export function mentionUser(id, label) {
  const person = store.person(id);
  const mine = store.me()?.id === id;
  const name = person?.real_name || person?.name || unescaped(label ?? id);
  return h("span", { class: mine ? "mention mine" : "mention", title: person ? person.id : undefined }, `@${name}`);
}

export function mentionChannel(id, label) {
  const name = store.team()?.channels[id] ?? unescaped(label ?? "private-channel");
  return h("span", { class: "mention" }, `#${name}`);
}

export function mentionGroup(id, label) {
  const name = store.team()?.groups[id] ?? unescaped(label ?? id);
  return h("span", { class: "mention" }, `@${name.replace(/^@/, "")}`);
}

/** A link to somewhere on the web; anything else stays words, whatever it says it is. */
export function link(url, label) {
  if (!/^(https?:|mailto:)/iu.test(url)) return label === url ? url : `${label} (${url})`;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

function dateEntity(target, fallback) {
  const [, stamp, format, url] = target.split("^");
  const shown = dateWords(Number(stamp), format ?? "") ?? unescaped(fallback ?? "");
  return url ? link(unescaped(url), shown) : h("time", { class: "date" }, shown);
}

/** Slack's date formats, in the reader's own time zone. */
export function dateWords(stamp, format) {
  if (!Number.isFinite(stamp) || stamp <= 0) return null;
  const date = new Date(stamp * 1000);
  const { locale, tz } = store.me() ?? { locale: "en-US", tz: "UTC" };
  const say = (options) => new Intl.DateTimeFormat(locale, { timeZone: tz, ...options }).format(date);
  const days = dayOf(new Date(), tz) - dayOf(date, tz);
  const near = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const pretty = (otherwise) => (Math.abs(days) <= 1 ? near.format(-days, "day") : otherwise);
  const short = say({ month: "short", day: "numeric", year: "numeric" });
  const long = say({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const plain = say({ month: "long", day: "numeric", year: "numeric" });
  const parts = {
    date_num: new Intl.DateTimeFormat("sv-SE", { timeZone: tz }).format(date),
    date: plain,
    date_short: short,
    date_long: long,
    date_pretty: pretty(plain),
    date_short_pretty: pretty(short),
    date_long_pretty: pretty(long),
    time: say({ hour: "numeric", minute: "2-digit" }),
    time_secs: say({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: pretty(short),
    day_divider_pretty: pretty(plain),
  };
  return unescaped(format).replace(/\{(\w+)\}/gu, (whole, name) => parts[name] ?? whole);
}

export function dayOf(date, tz) {
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: tz }).format(date);
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
}

function cut(text, at) {
  const index = text.indexOf(at);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
