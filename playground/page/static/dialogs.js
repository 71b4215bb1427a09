// The question before a button acts.
import { freshId, h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

/** Ask; true when the person wants it. Escape and a click beside it mean no. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((decide) => {
    const title = freshId("confirm");
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": title },
      h("h2", { id: title }, textObject(confirm.title)),
      h("div", { class: "text" }, textObject(confirm.text)),
      h(
        "div",
        { class: "foot" },
        h("button", { type: "button", class: "button", "data-answer": "deny", onclick: () => dialog.close("no") },
          textObject(confirm.deny ?? "Cancel")),
        h("button",
          { type: "button", class: `button ${confirm.style ?? "primary"}`, "data-answer": "confirm",
            onclick: () => dialog.close("yes") },
          textObject(confirm.confirm ?? "Yes")),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      decide(dialog.returnValue === "yes");
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
    document.body.append(dialog);
    dialog.showModal();
  });
}
