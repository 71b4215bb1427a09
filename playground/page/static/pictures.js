// Pictures: what the app uploaded, and the words of what it did not.
import { h } from "./dom.js";
import { store } from "./store.js";

/**
 * A picture from an upload. One from the web is not fetched: this page asks nobody but its own
 * server for anything, so there its words and its address stand in its place.
 */
export function picture(part, size) {
  const file = part.slack_file?.id ?? (part.slack_file?.url ?? "").split("/").find((one) => /^F0/u.test(one));
  if (file) return upload(file, part.alt_text, size);
  const own = URL.canParse(part.image_url ?? "", location.href) && new URL(part.image_url, location.href);
  if (own && own.origin === location.origin) return h("img", { class: size, src: own.href, alt: part.alt_text });
  return h(
    "span",
    { class: `elsewhere ${size}`, role: "img", "aria-label": part.alt_text, title: part.image_url ?? "" },
    size === "small" ? "🖼" : `🖼 ${part.alt_text}`,
  );
}

export function upload(id, alt, size) {
  const source = `/file/${encodeURIComponent(id)}?user=${encodeURIComponent(store.user)}`;
  return h("img", { class: size, src: source, alt: alt ?? "" });
}
