// Replies as text: lines into elements, and the plain words that are read out, copied and printed.
import { framed } from "./frame.js";

export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** A button with its action; `properties` may name a class. */
export const button = (label, act, properties = {}) => {
  const element = make("button", { type: "button", textContent: label, ...properties });
  element.addEventListener("click", () => { if (element.ariaDisabled !== "true") act(element); });
  return element;
};

/** The words of a text with `{name}` filled in. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

const ADDRESS = /https?:\/\/[^\s<>「」（）]+/g;

/** A text as paragraphs and lists; addresses become links, in a kiosk they stay text. */
export function paragraphs(text, { kiosk }) {
  const parts = [];
  let list = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("- ")) {
      if (!list) parts.push((list = make("ul")));
      list.append(make("li", {}, ...pieces(line.slice(2), kiosk)));
    } else {
      list = null;
      if (line.trim()) parts.push(make("p", {}, ...pieces(line, kiosk)));
    }
  }
  return parts;
}

function pieces(line, kiosk) {
  const found = [];
  let from = 0;
  for (const match of kiosk ? [] : line.matchAll(ADDRESS)) {
    found.push(line.slice(from, match.index), make("a", { href: match[0], rel: "noopener", target: framed ? "_blank" : "", dir: "ltr", textContent: match[0] }));
    from = match.index + match[0].length;
  }
  return [...found, line.slice(from)];
}

/** What is said of a reply: its words, without addresses and signs of lists. */
export const spoken = (reply) =>
  reply.blocks.map((block) => block.text.replace(ADDRESS, "").replace(/^- /gm, "")).join("\n").trim();

/** Who wrote a reply. */
export const author = (reply, texts) =>
  reply.author !== "staff" ? texts.bot
    : reply.contact?.department ? fill(texts["staff-of"], { department: reply.contact.department }) : texts.staff;

const clock = (at, lang, options) => new Intl.DateTimeFormat(lang, { timeZone: "Asia/Tokyo", ...options }).format(new Date(at));
export const dayOf = (at, lang) => clock(at, lang, { year: "numeric", month: "long", day: "numeric", weekday: "short" });
export const timeOf = (at, lang, easy = false) =>
  clock(at, lang, { hour: "numeric", minute: "2-digit", ...(easy ? { hour12: true } : {}) });

/** The whole talk as plain text: who, when, what, with addresses spelled out and whom to ask. */
export function transcript(turns, { texts, lang, title }) {
  const rows = [title];
  for (const { at, label, reply } of turns) {
    rows.push("", at ? `${dayOf(at, lang)} ${timeOf(at, lang)}` : "");
    if (label) rows.push(`${texts.resident}: ${label}`);
    if (!reply.blocks.length) continue;
    const words = reply.blocks.map((block) => (block.url ? `${block.text}: ${block.url}` : block.text));
    rows.push(`${author(reply, texts)}: ${words.join("\n")}`);
    if (reply.contact?.phone) rows.push(`${texts.department}: ${reply.contact.department} ${reply.contact.phone}`);
    if (reply.confirmed_on) rows.push(`${texts["confirmed-on"]}: ${reply.confirmed_on}`);
  }
  return `${rows.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}
