// "Did this help?": solved or not, and after "not solved" one optional reason, in the resident's own words if they like (W-17).
import { button, make } from "./text.js";

// Codes for the figures; the words that residents read are the texts `chat.reason-…`.
const REASONS = ["unclear", "other-question", "outdated", "other"];
const MOST_CHARACTERS = 200; // characters

const disable = (box) => { for (const one of box.querySelectorAll("button")) one.ariaDisabled = "true"; };

/** The question under an answer; `judge(solved)` is called once. It returns false where it cannot be told now. */
export function verdict(texts, judge) {
  const box = make("div", { className: "verdict" }, make("span", { textContent: texts.helpful }));
  for (const [solved, label] of [[true, texts.solved], [false, texts["not-solved"]]]) {
    box.append(button(label, (pressed) => {
      if (judge(solved) === false) return;
      disable(box);
      pressed.classList.add("chosen");
    }, { className: "quiet" }));
  }
  return box;
}

/** A form for the reason; `tell(reason)` gets a code, with the resident's words after it where there are some. */
export function reasons(texts, tell) {
  const words = make("input", { maxLength: MOST_CHARACTERS, autocomplete: "off" });
  const box = make("fieldset", { className: "reasons" }, make("legend", { textContent: texts["reason-ask"] }));
  const options = REASONS.map((code) => {
    const radio = make("input", { type: "radio", name: `reason-${crypto.getRandomValues(new Uint32Array(1))[0]}`, value: code });
    return make("label", {}, radio, make("span", { textContent: texts[`reason-${code}`] }));
  });
  const name = options[0].firstChild.name;
  for (const option of options) option.firstChild.name = name;
  const thanks = make("p", { className: "thanks", role: "status" });
  const send = button(texts["reason-send"], () => {
    const chosen = options.find((option) => option.firstChild.checked)?.firstChild.value;
    const own = words.value.trim();
    if (!chosen && !own) return options[0].firstChild.focus();
    tell([chosen ?? "other", own].filter(Boolean).join(": "));
    box.disabled = true;
    thanks.textContent = texts["reason-thanks"];
  }, { className: "quiet" });
  const label = make("label", { className: "words" }, make("span", { textContent: texts["reason-words"] }), words);
  box.append(...options, label, send);
  return make("div", { className: "why" }, box, thanks);
}
