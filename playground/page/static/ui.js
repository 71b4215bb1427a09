// Where the person is: whose place is taken, which channel, tab and thread are open.
import { become, store } from "./store.js";

const started = Date.now() / 1000;
const read = new Map();

export const ui = {
  channel: "",
  tab: "messages",
  thread: "",
  drawer: false,
  panel: matchMedia("(min-width: 1100px)").matches,
  changed: () => {},
};

/** Channels as the sidebar lists them; the DM with the app comes last. */
export function channels() {
  return store
    .all("channel:")
    .filter((one) => !one.is_archived)
    .sort((a, b) => a.is_im - b.is_im || a.order - b.order);
}

export const here = () => store.get(`channel:${ui.channel}`);
const slug = (channel) => (channel.is_im ? "dm" : channel.name);

let wanted = "";

/** The address bar says who and where, so that a reload, a link or Back leads to the same place. */
export function go({ user = store.user, channel = ui.channel, tab = "messages", thread = "" } = {}) {
  const same = user === store.user;
  ui.tab = tab;
  ui.thread = thread;
  ui.drawer = false;
  if (same) ui.channel = channel;
  if (same && here()) wanted = slug(here());
  const address = addressOf(user, wanted);
  if (location.hash !== address) history.pushState(null, "", address);
  if (!same) become(user);
  ui.changed();
}

const addressOf = (user, place) => `#${user}/${place}${ui.tab === "home" ? "/home" : ""}`;

/** Read the address; gives whose place it asks for, or `otherwise`. */
export function readAddress(otherwise) {
  const [user, place = "", tab = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
  wanted = place;
  ui.channel = "";
  ui.thread = "";
  ui.tab = tab === "home" ? "home" : "messages";
  return user || otherwise;
}

/** Once the person's channels are known: open the one that is wanted, or the best other. */
export function settle() {
  if (here()) return;
  const all = channels();
  const named = (...names) => all.find((one) => names.includes(slug(one)));
  const place = named(wanted) ?? named("acme", "globex") ?? all[0];
  if (!place) return;
  ui.channel = place.id;
  if (place.is_im === false) ui.tab = "messages";
  wanted = slug(place);
  history.replaceState(null, "", addressOf(store.user, wanted));
}

export function messages(channel) {
  return store.all(`message:${channel}:`).sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

/** Seen to its end: nothing here is new any more. */
export function markRead(channel) {
  const last = messages(channel).at(-1);
  if (last) read.set(`${store.user}/${channel}`, Number(last.ts));
}

export function unread(channel) {
  const since = read.get(`${store.user}/${channel}`) ?? started;
  return messages(channel).filter((one) => Number(one.ts) > since && one.user !== store.me()?.id).length;
}
