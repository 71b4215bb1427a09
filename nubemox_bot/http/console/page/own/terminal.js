import { Terminal } from "/console-files/xterm/lib/xterm.mjs";
import { FitAddon } from "/console-files/fit/lib/addon-fit.mjs";
import { connect, place, say } from "./link.js";

const terminal = new Terminal({ cursorBlink: true, fontSize: 15, screenReaderMode: true });
const fit = new FitAddon();
const bytes = new TextEncoder();
const socket = connect();
socket.binaryType = "arraybuffer";

function tellSize() {
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ columns: terminal.cols, rows: terminal.rows }));
  }
}

terminal.loadAddon(fit);
terminal.open(place);
fit.fit();
terminal.focus();
terminal.onData((keys) => {
  if (socket.readyState === WebSocket.OPEN) socket.send(bytes.encode(keys));
});
terminal.onResize(tellSize);
addEventListener("resize", () => fit.fit());
socket.addEventListener("open", () => {
  say("connected");
  tellSize();
});
socket.addEventListener("message", (event) => terminal.write(new Uint8Array(event.data)));
