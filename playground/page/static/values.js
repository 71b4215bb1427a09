// What a field holds, in the form in which Slack tells the app of it.
const KEYS = {
  plain_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  checkboxes: ["selected_options", "initial_options"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  users_select: ["selected_user", "initial_user"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
};

export const keyOf = (kind) => KEYS[kind]?.[0];

/** The content that a field begins with: what was typed before, else what the app put there. */
export function contentOf(element, ctx, block) {
  const [key, initial] = KEYS[element.type];
  const typed = ctx.value?.(block.block_id, element);
  return typed && key in typed ? typed[key] : element[initial];
}

/** The field's state value with this content. */
export const stateOf = (element, content) => ({ type: element.type, [KEYS[element.type][0]]: content ?? null });
