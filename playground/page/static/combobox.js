// Every select of Block Kit: a field to type into, and a list of what fits.
import { fill, freshId, h } from "./dom.js";
import { textObject, words } from "./mrkdwn.js";

const PAUSE_MS = 150;

/**
 * `groups` are searched here; with `search` the app is asked instead, once `least` characters are
 * typed. `changed` gets the chosen options and answers false when they are not to be kept.
 */
export function combobox({ common, many, chosen, most, placeholder, groups, search, least, changed }) {
  const listId = freshId("list");
  let shown = [];
  let here = -1;
  let asked = 0;
  let timer = 0;

  const input = h("input", {
    ...common,
    class: "typed",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder,
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
  });
  const list = h("div", { class: "list", role: "listbox", id: listId, hidden: true });
  const chips = h("span", { class: "chips" });
  const node = h("div", { class: many ? "combobox many" : "combobox" }, chips, input, list);

  const rest = () => {
    input.value = !many && chosen.length ? words(chosen[0].text) : "";
    fill(chips, many ? chosen.map((option) => chip(option)) : []);
  };
  const chip = (option) =>
    h("span", { class: "chip" }, textObject(option.text),
      h("button", { type: "button", "aria-label": `Remove ${words(option.text)}`,
        onclick: () => keep(chosen.filter((one) => one !== option)) }, "×"));

  const keep = async (options) => {
    const before = chosen;
    chosen = options;
    rest();
    if ((await changed(options)) === false) {
      chosen = before;
      rest();
    }
  };

  const pick = (option) => {
    close();
    if (!many) return keep([option]);
    if (chosen.some((one) => one.value === option.value)) return keep(chosen.filter((one) => one.value !== option.value));
    if (most && chosen.length >= most) return undefined;
    return keep([...chosen, option]);
  };

  const close = () => {
    list.hidden = true;
    input.ariaExpanded = "false";
    input.removeAttribute("aria-activedescendant");
    here = -1;
    rest();
  };

  const mark = (index) => {
    here = index;
    shown.forEach(({ row }, i) => row.setAttribute("aria-selected", String(i === index)));
    if (index < 0) return;
    input.setAttribute("aria-activedescendant", shown[index].row.id);
    shown[index].row.scrollIntoView({ block: "nearest" });
  };

  const show = (found, note = "") => {
    shown = [];
    fill(
      list,
      note ? h("div", { class: "note" }, note) : null,
      found.filter((group) => group.options.length).map((group) => [
        group.label ? h("div", { class: "group" }, textObject(group.label)) : null,
        group.options.map((option) => {
          const row = h("div", { class: "option", role: "option", id: freshId("option"), "aria-selected": "false",
            "data-value": option.value },
            h("span", {}, textObject(option.text)),
            option.description ? h("span", { class: "quiet" }, textObject(option.description)) : null);
          // On pressing, not on releasing: the field must not lose its focus in between.
          row.addEventListener("pointerdown", (event) => event.preventDefault());
          row.addEventListener("click", () => pick(option));
          shown.push({ option, row });
          return row;
        }),
      ]),
    );
    list.hidden = false;
    input.ariaExpanded = "true";
    mark(shown.length ? 0 : -1);
  };

  const look = (typed) => {
    if (!search) {
      const wanted = typed.toLowerCase();
      const fits = (option) => words(option.text).toLowerCase().includes(wanted);
      const found = groups.map((group) => ({ ...group, options: group.options.filter(fits) }));
      show(found, found.some((group) => group.options.length) ? "" : "Nothing fits.");
      return;
    }
    if (typed.length < least) {
      show([], `Type at least ${least} ${least === 1 ? "letter" : "letters"}.`);
      return;
    }
    asked += 1;
    const mine = asked;
    clearTimeout(timer);
    show([], "Looking…");
    timer = setTimeout(async () => {
      const answer = await search(typed);
      // An answer to what was typed before comes too late.
      if (mine !== asked || list.hidden) return;
      if (!answer || answer.failure) show([], "The app did not answer.");
      else {
        const found = answer.option_groups.length ? answer.option_groups : [{ options: answer.options }];
        show(found, found.some((group) => group.options.length) ? "" : "Nothing fits.");
      }
    }, PAUSE_MS);
  };

  input.addEventListener("click", () => {
    if (!list.hidden) return;
    input.select();
    look("");
  });
  input.addEventListener("input", () => look(input.value.trim()));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) look("");
      else if (shown.length) mark((here + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && here >= 0) pick(shown[here].option);
      else if (!open) look("");
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && many && !input.value && chosen.length) {
      keep(chosen.slice(0, -1));
    }
  });
  rest();
  return node;
}
