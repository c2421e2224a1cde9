// The full-page chat: keeps the talk in this tab, announces each reply once, never moves the focus by itself.
import { Client } from "./client.js";
import { make, ownTurn, replyTurn, verdict } from "./view.js";

const place = document.getElementById("chat");
const texts = JSON.parse(document.getElementById("texts").textContent);
const tongues = JSON.parse(document.getElementById("tongues").textContent);
const { city, language } = place.dataset;
const KEY = `madoguchi:${city}`;

const memory = {
  load() { try { return JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { return {}; } },
  save(state) { try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* storage is blocked: the talk lives as long as the page */ } },
};
const state = { turns: [], ...memory.load() };
const client = new Client(city, { language, conversation: state.conversation });

const log = make("div", { className: "log", tabIndex: 0 });
log.setAttribute("role", "group");
log.setAttribute("aria-label", texts.log);
const announcer = make("div", { className: "unseen" });
announcer.setAttribute("role", "log");
announcer.setAttribute("aria-live", "polite");
const status = make("p", { className: "state" });
status.setAttribute("role", "status");
const input = make("textarea", { rows: 1, maxLength: 1000, id: "question", placeholder: texts.placeholder });
input.setAttribute("aria-label", texts.placeholder);
const form = make("form", { className: "ask" }, input, make("button", { textContent: texts.send }));
const restart = make("button", { type: "button", textContent: texts.restart });
const menu = make("button", { type: "button", textContent: texts.menu });
const tools = make("div", { className: "tools" }, menu, make("a", { href: `/${city}/faq?lang=${language}`, textContent: texts.faq }), restart);
place.append(log, announcer, status, form, tools);

const show = (element) => { log.append(element); element.scrollIntoView({ block: "nearest" }); };

function announce(text, lang) {
  const entry = make("p", { textContent: `${texts.bot}: ${text}`, lang });
  announcer.append(entry);
  setTimeout(() => entry.remove(), 1500);
}

function showReply({ turn, reply }, { quiet = false } = {}) {
  const element = replyTurn(reply, texts, tongues, (choice) => ask(choice.value, choice.label));
  if (reply.decision === "answer") element.append(verdict(texts, (solved) => judge(turn, solved)));
  show(element);
  if (!quiet) announce(reply.blocks.map((block) => block.text).join(" "), tongues[reply.language]);
}

async function judge(turn, solved) {
  await client.feedback(turn, solved).catch(() => {});
  await ask(solved ? "feedback:good" : "feedback:bad", solved ? texts.solved : texts["not-solved"]);
}

let busy = false;
async function ask(value, label = value, clientId = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`) {
  if (busy) return;
  busy = true;
  show(ownTurn(label, texts));
  status.className = "state";
  status.textContent = texts.thinking;
  const slow = setTimeout(() => { status.textContent = texts.still; }, 8000);
  try {
    const result = await client.send(value, clientId);
    status.textContent = "";
    state.turns.push({ label, ...result });
    state.conversation = client.conversation;
    memory.save(state);
    showReply(result);
    follow(result.reply.language);
    if (value === input.value.trim()) input.value = "";
  } catch {
    failed(value, label, clientId);
  } finally {
    clearTimeout(slow);
    busy = false;
  }
}

function failed(value, label, clientId) {
  status.className = "state wrong";
  const again = make("button", { type: "button", textContent: texts.retry });
  again.addEventListener("click", () => { log.lastElementChild?.remove(); input.focus(); ask(value, label, clientId); });
  status.replaceChildren(texts.offline, " ", again);
}

function follow(spoken) {
  if (spoken === language || !(spoken in tongues)) return;
  const address = new URL(location.href);
  address.searchParams.set("lang", spoken);
  location.replace(address);
}

// A My Number or card number is flagged before it leaves the browser (W-30).
function looksPersonal(text) {
  for (const run of text.normalize("NFKC").match(/\d(?:[ -]?\d){11,18}/g) ?? []) {
    const digits = [...run.replace(/\D/g, "")].map(Number);
    if (digits.length === 12 && myNumber(digits)) return true;
    if (digits.length > 12 && luhn(digits)) return true;
  }
  return false;
}
function myNumber(digits) {
  const sum = digits.slice(0, 11).reverse().reduce((total, digit, i) => total + digit * (i < 6 ? i + 2 : i - 4), 0) % 11;
  return digits[11] === (sum <= 1 ? 0 : 11 - sum);
}
function luhn(digits) {
  const sum = digits.reverse().reduce((total, digit, i) => total + (i % 2 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return sum % 10 === 0;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return input.focus();
  if (looksPersonal(text)) {
    status.className = "state wrong";
    status.textContent = texts["personal-data"];
    return;
  }
  ask(text);
});
// Enter sends, but never while a word is being converted: Safari ends the composition first and then says 229 (W-09).
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});
menu.addEventListener("click", () => { ask("say:menu", texts.menu); input.focus(); });
restart.addEventListener("click", async () => {
  await client.erase().catch(() => {});
  state.turns = [];
  state.conversation = null;
  memory.save(state);
  log.replaceChildren();
  begin();
  status.className = "state";
  status.textContent = texts.erased;
  input.focus();
});

function begin() {
  const block = (text, kind = "text") => ({ kind, text, language });
  showReply({ reply: {
    decision: "act", language, blocks: [block(texts.welcome), block(texts.notice, "notice")],
    choices: [{ label: texts.menu, value: "say:menu" }],
  } }, { quiet: true });
}

begin();
for (const turn of state.turns) { show(ownTurn(turn.label, texts)); showReply(turn, { quiet: true }); }
