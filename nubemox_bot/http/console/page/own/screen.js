import RFB from "/console-files/novnc/core/rfb.js";
import { connect, place, say } from "./link.js";

const screen = new RFB(place, connect());
screen.scaleViewport = true;
screen.focusOnClick = true;
screen.addEventListener("connect", () => {
  say("connected");
  screen.focus();
});
document.getElementById("attention").addEventListener("click", () => {
  screen.sendCtrlAltDel();
  screen.focus();
});
