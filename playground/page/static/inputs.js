// Fields: in input blocks, where they wait for the submission, and as elements that act at once.
import { freshId, h } from "./dom.js";
import { combobox } from "./combobox.js";
import { textObject, words } from "./mrkdwn.js";
import { problem } from "./problem.js";
import { store } from "./store.js";
import { contentOf, keyOf, stateOf } from "./values.js";

const TYPES = {
  plain_text_input: "text",
  number_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** A label, the field, a hint, and what is wrong with it. */
export function inputBlock(block, ctx) {
  const one = block.element;
  if (!keyOf(one.type)) return problem(`an input of type "${one.type}"`, block);
  const [id, hint, wrong] = [freshId("field"), freshId("hint"), freshId("wrong")];
  const error = ctx.errors?.[block.block_id];
  const keep = (content) => ctx.keep?.(block.block_id, one, stateOf(one, content));
  const changed = async (content, { typing = false } = {}) => {
    keep(content);
    const triggers = one.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
    const due = !typing || triggers.includes("on_character_entered");
    if (block.dispatch_action && due) await ctx.act(block, one, content);
    return true;
  };
  const control = field(one, block, ctx, changed, {
    id,
    label: words(block.label),
    describedBy: [block.hint ? hint : "", error ? wrong : ""].filter(Boolean).join(" ") || undefined,
    invalid: Boolean(error),
  });
  control.dataset.action = one.action_id ?? "";
  return h(
    "div",
    { class: error ? "b-input wrong" : "b-input" },
    h("label", { for: id }, textObject(block.label),
      block.optional ? h("span", { class: "quiet" }, " (optional)") : null),
    control,
    error ? h("div", { class: "error", id: wrong, role: "alert" }, error) : null,
    block.hint ? h("div", { class: "hint", id: hint }, textObject(block.hint)) : null,
  );
}

/**
 * The control itself. `changed` is called with the content in Slack's form; when it answers false
 * (the person thought better of it), a select goes back to what it showed.
 */
export function field(one, block, ctx, changed, how = {}) {
  const common = {
    id: how.id,
    "aria-label": how.id ? undefined : words(one.placeholder) || "Choose",
    "aria-describedby": how.describedBy,
    "aria-invalid": how.invalid ? "true" : undefined,
    "data-focus": `${block.block_id}/${one.action_id}`,
  };
  const content = contentOf(one, ctx, block);
  if (one.type.includes("select")) return select(one, block, ctx, changed, common, content);
  if (one.type === "checkboxes" || one.type === "radio_buttons") {
    return choices(one, changed, common, content, how.label);
  }
  return typed(one, changed, common, content);
}

function typed(one, changed, common, content) {
  const multiline = Boolean(one.multiline);
  const node = h(multiline ? "textarea" : "input", {
    ...common,
    class: "typed",
    type: multiline ? undefined : TYPES[one.type],
    rows: multiline ? 4 : undefined,
    placeholder: one.placeholder ? words(one.placeholder) : undefined,
    maxlength: one.max_length,
    inputmode: one.type === "number_input" ? (one.is_decimal_allowed ? "decimal" : "numeric") : undefined,
    autocomplete: "off",
  });
  if (one.focus_on_load) node.autofocus = true;
  if (one.type === "datetimepicker") {
    node.value = content ? new Date(content * 1000).toISOString().slice(0, 16) : "";
  } else node.value = content ?? "";
  const read = () => {
    if (one.type === "datetimepicker") return node.value ? Date.parse(`${node.value}Z`) / 1000 : null;
    return node.value === "" ? null : node.value;
  };
  const picker = ["datepicker", "timepicker", "datetimepicker"].includes(one.type);
  if (picker) node.addEventListener("change", () => changed(read()));
  else {
    node.addEventListener("input", () => changed(read(), { typing: true }));
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !multiline) changed(read());
    });
  }
  return node;
}

function choices(one, changed, common, content, label) {
  const many = one.type === "checkboxes";
  const name = freshId("choice");
  const chosen = new Set((many ? content ?? [] : content ? [content] : []).map((option) => option.value));
  const read = () => {
    const picked = one.options.filter((_, i) => boxes[i].checked);
    return many ? picked : (picked[0] ?? null);
  };
  const boxes = one.options.map((option, i) =>
    h("input", {
      type: many ? "checkbox" : "radio",
      name,
      value: option.value,
      checked: chosen.has(option.value),
      id: i === 0 ? common.id : undefined,
      "data-focus": `${common["data-focus"]}/${i}`,
      onchange: () => changed(read()),
    }),
  );
  const lines = one.options.map((option, i) =>
    h("label", { class: "choice" }, boxes[i], h("span", {}, textObject(option.text),
      option.description ? h("span", { class: "quiet line" }, textObject(option.description)) : null)),
  );
  return h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-label": label ?? words(one.placeholder) ?? "Choices",
    "aria-describedby": common["aria-describedby"] }, lines);
}

function select(one, block, ctx, changed, common, content) {
  const many = one.type.startsWith("multi_");
  const external = one.type.includes("external");
  const people = /(users|conversations|channels)_select$/u.exec(one.type)?.[1];
  const groups = people ? [{ options: entities(people) }] : (one.option_groups ?? [{ options: one.options ?? [] }]);
  const known = groups.flatMap((group) => group.options);
  const full = (value) => known.find((option) => option.value === value) ?? { value, text: value };
  const initial = (many ? content ?? [] : content ? [content] : []).map((value) => (people ? full(value) : value));
  const bare = (option) => (people ? option.value : option);
  return combobox({
    common,
    many,
    chosen: initial,
    most: one.max_selected_items,
    placeholder: words(one.placeholder) || "Choose",
    groups: external ? null : groups,
    search: external ? (text) => ctx.search(block, one, text) : null,
    least: one.min_query_length ?? 3,
    changed: (options) => changed(many ? options.map(bare) : options.length ? bare(options[0]) : null),
  });
}

/** People and places as options. */
function entities(kind) {
  const option = (value, text) => ({ value, text: { type: "plain_text", text, emoji: false } });
  const people = Object.values(store.team()?.people ?? {})
    .filter((person) => !person.deleted)
    .map((person) => option(person.id, person.real_name || person.name));
  const channels = Object.entries(store.team()?.channels ?? {}).map(([id, name]) => option(id, `#${name}`));
  return kind === "users" ? people : channels;
}
