// Turns replies into elements. Text enters the page by textContent only.
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const lines = (text) => {
  const parts = [];
  let list = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("- ")) {
      if (!list) parts.push((list = make("ul")));
      list.append(make("li", { textContent: line.slice(2) }));
    } else {
      list = null;
      if (line.trim()) parts.push(/^https?:\/\/\S+$/.test(line.trim()) ? linked(line.trim(), line.trim()) : make("p", { textContent: line }));
    }
  }
  return parts;
};

const linked = (text, url) => make("p", {}, make("a", { href: url, rel: "noopener", textContent: text }));

/** The message of a resident. */
export const ownTurn = (text, texts) =>
  make("div", { className: "turn mine" }, make("p", { className: "who", textContent: texts.resident }), make("div", { className: "bubble", textContent: text, dir: "auto" }));

/** A reply with its blocks, contact and choices. `choose(choice)` returns false where it cannot be asked now. */
export function replyTurn(reply, texts, tongues, choose) {
  const bubble = make("div", { className: "bubble" });
  for (const block of reply.blocks) {
    const part = make("div", { className: `block ${block.kind}`, lang: tongues[block.language] ?? block.language });
    part.append(...(block.url ? [linked(block.text, block.url)] : lines(block.text)));
    bubble.append(part);
  }
  if (reply.decision !== "act" || reply.confirmed_on) bubble.append(...details(reply, texts));
  const turn = make("div", { className: "turn" }, make("p", { className: "who", textContent: texts.bot }), bubble);
  if (reply.choices?.length) turn.append(choices(reply.choices, choose));
  return turn;
}

function details(reply, texts) {
  const rows = [];
  if (reply.contact) {
    rows.push([texts.department, reply.contact.department]);
    if (reply.contact.phone) rows.push([texts.phone, make("a", { href: `tel:${reply.contact.phone}`, dir: "ltr", textContent: reply.contact.phone })]);
  }
  if (reply.confirmed_on) rows.push([texts["confirmed-on"], reply.confirmed_on]);
  if (!rows.length) return [];
  return [make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", {}, value)]))];
}

function choices(list, choose) {
  const box = make("div", { className: "choices" });
  for (const choice of list) {
    const button = make("button", { type: "button", textContent: choice.label });
    button.addEventListener("click", () => {
      if (button.ariaDisabled === "true" || choose(choice) === false) return;
      for (const other of box.children) other.ariaDisabled = "true";
      button.classList.add("chosen");
    });
    box.append(button);
  }
  return box;
}

/** "Did this help?" under an answer. */
export function verdict(texts, judge) {
  const box = make("div", { className: "verdict" }, make("span", { textContent: texts.helpful }));
  for (const [solved, label] of [[true, texts.solved], [false, texts["not-solved"]]]) {
    const button = make("button", { type: "button", className: "quiet", textContent: label });
    button.addEventListener("click", () => {
      if (button.ariaDisabled === "true") return;
      for (const other of box.querySelectorAll("button")) other.ariaDisabled = "true";
      judge(solved);
    });
    box.append(button);
  }
  return box;
}
