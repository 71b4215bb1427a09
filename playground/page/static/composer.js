// Where one types: Enter sends, Shift+Enter breaks the line, ArrowUp brings back what was said.
import { fill, freshId, h } from "./dom.js";
import { act, store } from "./store.js";

const KEPT = 50;
const drafts = new Map();

/** `place` tells at each use where words go: `{ channel, thread_ts, label }`. */
export function composer(place) {
  const listId = freshId("suggestions");
  let showing = "";
  let back = -1;
  let offered = [];
  let marked = 0;

  const input = h("textarea", { rows: 1, class: "words", autocomplete: "off", spellcheck: "true",
    "aria-controls": listId, "aria-autocomplete": "list", "data-focus": "composer" });
  const list = h("div", { class: "suggestions", role: "listbox", id: listId, hidden: true });
  const sender = h("button", { type: "submit", class: "send", "aria-label": "Send now", title: "Send now" }, "➤");
  const node = h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); send(); } },
    list, h("div", { class: "box" }, input, sender));

  const grow = () => {
    // An empty one keeps the height of its one row: before the first layout there is none to measure.
    input.style.height = "";
    if (input.value) input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
    sender.disabled = !input.value.trim();
  };

  const put = (text) => {
    input.value = text;
    drafts.set(showing, text);
    input.setSelectionRange(text.length, text.length);
    grow();
    offer();
  };

  const send = async () => {
    const text = input.value.trim();
    if (!text) return;
    const { channel, thread_ts } = place();
    remember(text);
    back = -1;
    put("");
    const answer = await act("say", { channel, thread_ts, text });
    if (answer === null && !input.value) put(text);
  };

  const recall = (step) => {
    const said = history();
    const next = back + step;
    if (next >= said.length || next < -1) return false;
    back = next;
    put(back < 0 ? "" : said[said.length - 1 - back]);
    return true;
  };

  /** Commands at the beginning of the line, people anywhere. */
  const offer = () => {
    const before = input.value.slice(0, input.selectionStart);
    const command = /^\/\S*$/u.exec(before);
    const name = /(?:^|\s)@(\S*)$/u.exec(before);
    const wanted = (command?.[0] ?? name?.[1] ?? "").toLowerCase();
    const commands = command ? (store.get("page")?.commands ?? []) : [];
    const people = name && !command ? Object.values(store.team()?.people ?? {}).filter((one) => !one.deleted) : [];
    offered = [
      ...commands.map((one) => ({ word: one, note: "Self-service for Proxmox VE", at: 0 })),
      ...people.map((one) => ({ word: `@${one.name}`, note: one.real_name, at: before.length - wanted.length - 1 })),
    ].filter((one) => one.word.replace("@", "").startsWith(wanted) && one.word !== before);
    marked = 0;
    drawOffers();
  };

  const drawOffers = () => {
    list.hidden = !offered.length;
    fill(list, offered.map((one, i) =>
      h("div", { class: "option", role: "option", "aria-selected": String(i === marked),
        onpointerdown: (event) => { event.preventDefault(); take(one); } },
        h("b", {}, one.word), h("span", { class: "quiet" }, one.note))));
  };

  const take = (one) => {
    const after = input.value.slice(input.selectionStart);
    put(`${input.value.slice(0, one.at)}${one.word} ${after.trimStart()}`);
  };

  input.addEventListener("input", () => {
    drafts.set(showing, input.value);
    back = -1;
    grow();
    offer();
  });
  input.addEventListener("blur", () => { list.hidden = true; });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const offering = !list.hidden;
    if (offering && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      marked = (marked + (event.key === "ArrowDown" ? 1 : offered.length - 1)) % offered.length;
      drawOffers();
    } else if (offering && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) {
      event.preventDefault();
      take(offered[marked]);
    } else if (offering && event.key === "Escape") {
      event.preventDefault();
      list.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && (input.value === "" || back >= 0)) {
      if (recall(1)) event.preventDefault();
    } else if (event.key === "ArrowDown" && back >= 0) {
      if (recall(-1)) event.preventDefault();
    }
  });

  return {
    node,
    put: (text) => { put(text); input.focus(); },
    focus: () => input.focus(),
    /** Show the draft of where we are now. */
    draw: () => {
      const { channel, thread_ts, label } = place();
      const key = `${store.user}/${channel}/${thread_ts ?? ""}`;
      input.placeholder = label;
      input.setAttribute("aria-label", label);
      if (key === showing) return;
      showing = key;
      back = -1;
      put(drafts.get(key) ?? "");
    },
  };
}

const shelf = () => `said/${store.user}`;

function history() {
  try {
    return JSON.parse(sessionStorage.getItem(shelf()) ?? "[]");
  } catch {
    return [];
  }
}

function remember(text) {
  const said = history().filter((one) => one !== text);
  sessionStorage.setItem(shelf(), JSON.stringify([...said, text].slice(-KEPT)));
}
