// Shows LINE's messages: texts, flex bubbles, and what a resident did. Everything is text; nothing is taken as HTML.

export function made(tag, className = "", text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

const EVENTS = {
  sticker: "（スタンプ）", image: "（写真）", location: "（位置情報）", follow: "友だちになりました", unfollow: "ブロックしました",
};
const WAYS = { push: "プッシュ（有料）", multicast: "一斉送信（有料）" };

/** Return one line of the chat, null for what leaves no trace. `act` does what a button says, `gone` are ids taken back. */
export function lineOf(line, act, gone) {
  return line.from === "city" ? ofCity(line, act) : ofResident(line, gone);
}

function ofResident(line, gone) {
  if (line.kind === "unsend") return null;
  if (line.kind === "follow" || line.kind === "unfollow") return made("li", "event", EVENTS[line.kind]);
  const item = made("li", "mine");
  const taken = line.id && gone.has(line.id) && line.kind !== "postback";
  item.append(made("div", taken ? "bubble gone" : "bubble", taken ? "取り消しました" : line.text || EVENTS[line.kind] || ""));
  return item;
}

function ofCity(line, act) {
  const item = made("li");
  item.append(line.message.type === "flex" ? flex(line.message, act) : made("div", "bubble", line.message.text || line.message.altText || ""));
  if (WAYS[line.way]) item.append(made("div", "way", WAYS[line.way]));
  return item;
}

function flex(message, act) {
  const bubble = made("div", "bubble flex");
  const bubbles = message.contents.type === "carousel" ? message.contents.contents : [message.contents];
  for (const one of bubbles) {
    for (const part of [one.header, one.body, one.footer]) if (part) bubble.append(partOf(part, act));
  }
  return bubble;
}

function partOf(part, act) {
  if (part.type === "box") {
    const box = made("div", `box ${part.layout}`);
    for (const inner of part.contents) box.append(partOf(inner, act));
    return box;
  }
  if (part.type === "button") return button(part.action, act);
  if (part.type === "separator") return made("hr");
  const text = made("p", "", part.text || "");
  if (part.color) text.style.color = part.color;
  if (part.weight) text.style.fontWeight = part.weight;
  if (part.size === "sm") text.style.fontSize = "14px";
  return text;
}

function button(action, act) {
  if (action.type === "uri") {
    const link = made("a", "", action.label);
    link.href = action.uri;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  }
  const tapped = made("button", "", action.label);
  tapped.addEventListener("click", () => act(action));
  return tapped;
}
