// What the server has told this browser, and how the browser tells the server.
import { toast } from "./dom.js";

const pieces = new Map();
const listeners = new Set();
let source = null;

export const store = {
  user: "",
  get: (name) => pieces.get(name),
  all: (prefix) => [...pieces].filter(([name]) => name.startsWith(prefix)).map(([, piece]) => piece),
  me: () => pieces.get("me"),
  team: () => pieces.get("team"),
  person: (id) => pieces.get("team")?.people[id],
  /** Call when something changed, with the names of what did. */
  listen: (listener) => listeners.add(listener),
};

/** Take somebody's place: everything seen so far belongs to somebody else and goes. */
export function become(name) {
  source?.close();
  pieces.clear();
  store.user = name;
  source = new EventSource(`/stream?user=${encodeURIComponent(name)}`);
  let first = true;
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    // After a lost connection the server begins anew, so what is not told again is gone.
    if (first) pieces.clear();
    first = false;
    for (const [key, piece] of Object.entries(news.set)) pieces.set(key, piece);
    for (const key of news.gone) pieces.delete(key);
    document.body.classList.remove("offline");
    const changed = new Set([...Object.keys(news.set), ...news.gone]);
    for (const listener of listeners) listener(changed);
  };
  source.onerror = () => {
    first = true;
    document.body.classList.add("offline");
  };
}

/** Do something as the person; what they may not do is said, and null is given. */
export async function act(what, wish) {
  let answer;
  try {
    const response = await fetch(`/do/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: store.user, ...wish }),
    });
    if (!response.ok) throw new Error(`${response.status}`);
    answer = await response.json();
  } catch (fault) {
    toast(`The workspace does not answer (${fault.message}).`);
    return null;
  }
  if (answer.refused) {
    toast(answer.refused);
    return null;
  }
  return answer;
}
