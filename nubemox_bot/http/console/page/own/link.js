// The way to the guest, and what is said of it: shared by screens and terminals.
const place = document.getElementById("console");
const said = document.getElementById("said");

export { place };

export function say(what) {
  const name = what.replace(/_(.)/g, (_all, letter) => letter.toUpperCase());
  said.value = place.dataset[name] ?? place.dataset.closed;
}

export function connect() {
  const address = new URL(place.dataset.socket, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address.href, ["binary"]);
  say("connecting");
  socket.addEventListener("close", (event) => {
    say(event.reason || "closed");
    said.classList.add("over");
  });
  return socket;
}
