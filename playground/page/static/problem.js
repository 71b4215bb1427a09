// The box that stands where something cannot be drawn.
import { h } from "./dom.js";

export function problem(what, payload) {
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("b", {}, `This page cannot draw ${what}.`),
    h("details", {}, h("summary", {}, "What was sent"), h("pre", {}, JSON.stringify(payload, null, 2))),
  );
}
