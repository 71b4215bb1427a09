// A list of messages, each redrawn only when it changed.
import { h, keyed } from "./dom.js";
import { drawBlocks } from "./blocks.js";
import { dayOf, emoji, mrkdwn } from "./mrkdwn.js";
import { upload } from "./pictures.js";
import { problem } from "./problem.js";
import { avatar } from "./sidebar.js";
import { act, store } from "./store.js";
import { go } from "./ui.js";

const TOGETHER_S = 300;
const NEAR_PX = 80;
const typed = new Map();

/** Draw into `list`, staying at the end when the reader is there. */
export function draw(list, shown, { thread = false, all = shown } = {}) {
  const scroller = list.parentElement;
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
  const items = [];
  let before = null;
  for (const message of shown) {
    const day = dayOf(new Date(Number(message.ts) * 1000), store.me().tz);
    if (!thread && day !== before?.day) items.push({ divider: day, ts: message.ts });
    items.push({
      message,
      compact: Boolean(before) && day === before.day && isSame(before.message, message),
      replies: thread ? null : repliesOf(message, all),
    });
    before = { message, day };
  }
  keyed(list, items, {
    key: (item) => (item.message ? item.message.ts : `day-${item.divider}`),
    mark: (item) => JSON.stringify([item, store.me().id, store.me().locale]),
    draw: (item) => (item.message ? drawMessage(item, thread) : divider(item)),
  });
  if (atEnd || list.dataset.place !== shown.place) {
    scroller.scrollTop = scroller.scrollHeight;
    // A picture is as high as it is only once it is there.
    for (const one of list.querySelectorAll("img")) {
      if (!one.complete) one.addEventListener("load", () => (scroller.scrollTop = scroller.scrollHeight), { once: true });
    }
  }
  list.dataset.place = shown.place ?? "";
}

const isSame = (before, message) =>
  before.user === message.user &&
  !before.ephemeral &&
  !message.ephemeral &&
  Number(message.ts) - Number(before.ts) < TOGETHER_S;

function repliesOf(message, all) {
  const found = all.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);
  return found.length ? { count: found.length, last: found.at(-1).ts } : null;
}

function divider({ ts }) {
  const { locale, tz } = store.me();
  const today = dayOf(new Date(), tz) === dayOf(new Date(Number(ts) * 1000), tz);
  const options = { timeZone: tz, weekday: "long", month: "long", day: "numeric" };
  const words = today ? "Today" : new Intl.DateTimeFormat(locale, options).format(new Date(Number(ts) * 1000));
  return h("li", { class: "day", role: "separator" }, h("span", {}, words));
}

function drawMessage({ message, compact, replies }, inThread) {
  const person = store.person(message.user);
  const name = message.by_slack ? "Slackbot" : person?.real_name || person?.name || "Somebody";
  const root = message.thread_ts ?? message.ts;
  const openThread = () => go({ thread: root });
  const stamp = h("time", { class: "stamp", title: longTime(message.ts) }, time(message.ts));
  return h(
    "li",
    { class: `message${compact ? " compact" : ""}${message.ephemeral ? " ephemeral" : ""}`, "data-ts": message.ts },
    message.ephemeral
      ? h("div", { class: "only-you" }, h("span", { "aria-hidden": "true" }, "👁 "), "Only visible to you")
      : null,
    h("div", { class: "side" }, compact ? stamp : avatar(message.by_slack ? null : person)),
    h(
      "div",
      { class: "said" },
      h("div", { class: compact ? "by hidden" : "by" }, h("b", {}, name), person?.is_bot ? h("span", { class: "app-mark" }, "APP") : null,
        compact ? null : stamp),
      message.broadcast && !inThread ? h("div", { class: "quiet" }, "replied in a thread") : null,
      body(message),
      message.attachments ? problem("attachments: write blocks instead", { attachments: message.attachments }) : null,
      message.files.map(file),
      reactions(message),
      replies
        ? h("button", { type: "button", class: "replies", onclick: openThread },
            `${replies.count} ${replies.count === 1 ? "reply" : "replies"}`,
            h("span", { class: "quiet" }, ` last at ${time(replies.last)}`))
        : null,
      message.ephemeral
        ? h("button", { type: "button", class: "dismiss", onclick: () => act("dismiss", { channel: message.channel, ts: message.ts }) },
            "Dismiss message")
        : null,
    ),
    inThread || message.ephemeral
      ? null
      : h("div", { class: "tools" }, h("button", { type: "button", title: "Reply in thread", "aria-label": "Reply in thread",
          "data-focus": `thread/${message.ts}`, onclick: openThread }, "💬")),
  );
}

function body(message) {
  if (message.blocks.length) return drawBlocks(message.blocks, contextOf(message));
  const edited = message.edits ? h("span", { class: "quiet" }, " (edited)") : null;
  return h("div", { class: "text" }, mrkdwn(message.text), edited);
}

function contextOf(message) {
  const key = `${message.channel}:${message.ts}`;
  const where = { channel: message.channel, ts: message.ts };
  const at = (block, one) => ({ ...where, block_id: block.block_id, action_id: one.action_id });
  return {
    value: (block_id, one) => typed.get(key)?.get(`${block_id}/${one.action_id}`),
    keep: (block_id, one, value) => {
      if (!typed.has(key)) typed.set(key, new Map());
      typed.get(key).set(`${block_id}/${one.action_id}`, value);
    },
    act: (block, one, value) => act("act", { ...at(block, one), value }),
    search: (block, one, words) => act("search", { ...at(block, one), typed: words }),
  };
}

function file(one) {
  if (one.mimetype?.startsWith("image/")) {
    return h("figure", { class: "file-image" }, h("figcaption", { class: "quiet" }, one.title), upload(one.id, one.alt_txt || one.title, "large"));
  }
  const address = `/file/${encodeURIComponent(one.id)}?user=${encodeURIComponent(store.user)}`;
  return h("a", { class: "file", href: address, download: one.name },
    h("span", { "aria-hidden": "true" }, "📄"), h("span", {}, h("b", {}, one.title), h("span", { class: "quiet" }, ` ${one.size} bytes`)));
}

function reactions(message) {
  const found = Object.entries(message.reactions);
  if (!found.length) return null;
  return h("div", { class: "reactions" }, found.map(([name, count]) => h("span", { class: "reaction" }, emoji(name), ` ${count}`)));
}

function time(ts) {
  const { locale, tz } = store.me();
  return new Intl.DateTimeFormat(locale, { timeZone: tz, hour: "numeric", minute: "2-digit" }).format(new Date(Number(ts) * 1000));
}

function longTime(ts) {
  const { locale, tz } = store.me();
  const options = { timeZone: tz, dateStyle: "full", timeStyle: "medium" };
  return new Intl.DateTimeFormat(locale, options).format(new Date(Number(ts) * 1000));
}
