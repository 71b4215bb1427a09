// Building the page from data. Other people's text only ever becomes a text node: nothing here, or
// anywhere on this page, hands a string to the browser's HTML parser.

/** An element: `on*` props listen, `class` and `data-*` and the rest are attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** Replace what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

const marks = new WeakMap();

/**
 * Make a parent's children match a list, touching only those that changed, so that an edit of one
 * message leaves the reader's place, focus and open menus in all others alone.
 */
export function keyed(parent, items, { key, mark, draw }) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const sign = mark(item);
    let child = old.get(name);
    old.delete(name);
    if (!child || marks.get(child) !== sign) {
      const fresh = draw(item);
      fresh.dataset.key = name;
      marks.set(fresh, sign);
      if (child) {
        if (child === next) next = fresh;
        keepFocus(child, fresh, () => child.replaceWith(fresh));
      }
      child = fresh;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const child of old.values()) child.remove();
}

/** After a redrawing, put the focus back onto what stands for the same thing. */
export function keepFocus(before, after, redraw) {
  const active = before.contains(document.activeElement) ? document.activeElement : null;
  const name = active?.dataset.focus;
  const range = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  redraw();
  if (!name) return;
  const again = [...after.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === name);
  if (!again) return;
  again.focus({ preventScroll: true });
  if (range && range[0] !== null && again.setSelectionRange) {
    try {
      again.setSelectionRange(...range);
    } catch {
      // Some kinds of input have no selection to restore.
    }
  }
}

let made = 0;

/** An id that no other element of the page has. */
export function freshId(prefix) {
  made += 1;
  return `${prefix}-${made}`;
}

/** A sentence at the edge of the page, for a while. */
export function toast(words) {
  const box = h("div", { class: "toast" }, words);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), 6000);
}
