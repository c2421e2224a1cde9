// Turns replies into elements. Text enters the page by textContent only.
import { framed } from "./frame.js";
import { author, button, dayOf, fill, make, paragraphs, timeOf } from "./text.js";

const [MANY, SHOWN] = [7, 5]; // choices at once (W-15): the groups of the menu stand together
const PAUSE = 5 * 60 * 1000; // after so many milliseconds a message tells its time again
const EMERGENCY_NUMBER = /#\d{4}|0\d{1,3}-\d{2,4}-\d{3,4}|(?<![\d-])1[018][0-9](?![\d-])/g;
const COUNSELLING = /0120-|#8008|(?<!\d)189(?!\d)/; // who needs these may have to leave the page at once (P-25)

/** The message of a resident. */
export const ownTurn = (text, texts) =>
  make("div", { className: "turn mine" }, make("p", { className: "who", textContent: texts.resident }),
    make("div", { className: "bubble", textContent: text, dir: "auto" }));

/** A reply with its blocks, contact and choices. `choose(choice)` returns false where it cannot be asked now. */
export function replyTurn(reply, context, choose) {
  const { texts, tongues } = context;
  const bubble = make("div", { className: "bubble" });
  // A page of ours that a reply leads to needs what this browser keeps: a kiosk keeps nothing.
  for (const block of reply.blocks) if (!context.kiosk || !block.url?.startsWith("/")) bubble.append(blockPart(block, context));
  if (reply.decision === "emergency") bubble.append(calls(reply, context));
  else if (reply.decision !== "act" || reply.confirmed_on) bubble.append(...details(reply, context));
  const turn = make("div", { className: "turn" }, make("p", { className: "who", textContent: author(reply, texts) }), bubble);
  turn.classList.toggle("staff", reply.author === "staff");
  turn.classList.toggle("emergency", reply.decision === "emergency");
  if (reply.choices?.length) turn.append(choices(reply.choices, tongues[reply.language], choose, texts));
  return turn;
}

function blockPart(block, { tongues, kiosk, city }) {
  const part = make("div", { className: `block ${block.kind}`, lang: tongues[block.language] ?? block.language, dir: "auto" });
  if (!block.url) part.append(...paragraphs(block.text, { kiosk }));
  else if (kiosk && block.url.startsWith("/")) part.hidden = true; // a page of this service, which needs the browser's memory
  else if (kiosk) part.append(...toTakeAlong(block, city));
  else part.append(card(block));
  return part;
}

// In a frame a page of ours stays in it, since it needs what the frame keeps; other websites refuse to be framed.
function card({ text, url }) {
  const ours = url.startsWith("/");
  const host = make("span", { className: "host", dir: "ltr", textContent: ours ? "" : new URL(url).host });
  const [href, target] = [ours && framed ? `${url}&frame=1` : url, framed && !ours ? "_blank" : ""];
  return make("a", { className: "card", href, target, rel: "noopener" }, make("span", { textContent: text }), " ", host);
}

// A kiosk leads nowhere else: the address to read, and to take along with a telephone's camera.
const toTakeAlong = ({ text, url }, city) => [
  make("p", {}, `${text}: `, make("bdi", { dir: "ltr", textContent: url })),
  make("img", { className: "qr", src: `/${city}/kiosk/qr.svg?url=${encodeURIComponent(url)}`, alt: url }),
];

const phone = (number, kiosk, words = number) =>
  kiosk ? make("bdi", { dir: "ltr", textContent: number })
    : make("a", { href: `tel:${number.replace("#", "%23")}`, dir: "ltr", textContent: words });

function details(reply, { texts, kiosk }) {
  const rows = [];
  if (reply.contact) {
    const { department, hours } = reply.contact;
    rows.push([texts.department, department]);
    const open = hours ? make("span", { className: "hours", textContent: hours, dir: "auto" }) : "";
    if (reply.contact.phone) rows.push([texts.phone, make("span", {}, phone(reply.contact.phone, kiosk), open)]);
  }
  if (reply.confirmed_on) rows.push([texts["confirmed-on"], make("time", { dateTime: reply.confirmed_on, textContent: reply.confirmed_on })]);
  if (!rows.length) return [];
  return [make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", {}, value)]))];
}

// The numbers of an emergency, to be called by one tap.
function calls(reply, { texts, kiosk, leave }) {
  const words = reply.blocks.map((block) => block.text).join(" ");
  const row = make("div", { className: "calls" });
  for (const number of new Set(words.match(EMERGENCY_NUMBER))) {
    const call = phone(number, kiosk, `${texts.phone} ${number}`);
    call.classList.add("call");
    row.append(call);
  }
  if (COUNSELLING.test(words)) row.append(button(texts.leave, leave, { className: "leave" }));
  return row;
}

function choices(list, lang, choose, texts) {
  const box = make("div", { className: "choices", lang });
  for (const choice of list) {
    box.append(button(choice.label, (chosen) => {
      if (choose(choice) === false) return;
      for (const other of box.children) other.ariaDisabled = "true";
      chosen.classList.add("chosen");
    }));
  }
  if (list.length > MANY) box.append(fold([...box.children].slice(SHOWN), texts));
  return box;
}

// A long list shows its first few, those most asked for; the rest is one tap away.
function fold(rest, texts) {
  for (const one of rest) one.hidden = true;
  return button(fill(texts["more-choices"], { count: rest.length }), (more) => {
    for (const one of rest) one.hidden = false;
    rest[0].focus({ preventScroll: true });
    more.remove();
  }, { className: "quiet" });
}

/** What stands between messages: the day where it changes, the time after a pause; null where neither is due. */
export function timeMark(at, before, lang, easy) {
  if (!at || (before && new Date(at) - new Date(before) < PAUSE)) return null;
  const day = dayOf(at, lang);
  const sameDay = before && dayOf(before, lang) === day;
  const words = [...(sameDay ? [] : [day]), timeOf(at, lang, easy)].join(" ");
  return make("p", { className: "when" }, make("time", { dateTime: at, textContent: words }));
}

/** The Japanese original of a translated answer, fetched when it is opened. */
export function original({ entry }, { texts, client }) {
  const text = make("div", { className: "block", lang: "ja" });
  const box = make("details", { className: "original" }, make("summary", { textContent: texts.original }), text);
  box.addEventListener("toggle", async () => {
    if (!box.open || text.childElementCount) return;
    const found = await client.entry(entry, "ja").catch(() => null);
    if (!found) return (box.open = false);
    text.append(make("p", { className: "question", textContent: found.question }), ...paragraphs(found.answer, { kiosk: true }));
  });
  return box;
}
