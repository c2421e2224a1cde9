// Plays a resident on the fake LINE: sends what they do, and shows twice a second what reached them.
import { lineOf, made } from "/bubbles.js";

const LANGUAGES = {
  ja: "日本語", en: "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", ko: "한국어", "pt-BR": "Português", vi: "Tiếng Việt",
  fil: "Filipino", es: "Español", ne: "नेपाली", id: "Indonesia",
};
const COUNTS = {
  reply: "返信（無料）", push: "プッシュ", multicast: "一斉送信を受けた人", used: "今月の有料メッセージ", limit: "今月の上限", loading: "「入力中」の表示",
};
const at = (id) => document.getElementById(id);
const shown = { lines: "", menu: "" };
const wanted = new URLSearchParams(location.search);

const idOf = (number) => `U${String(number).padStart(32, "0")}`;
for (const number of [1, 2, 3, 4, 5, 6]) at("resident").append(new Option(`${number}人目`, idOf(number)));
for (const [code, name] of Object.entries(LANGUAGES)) at("language").append(new Option(name, code));
at("language").value = wanted.get("lang") || "ja";
at("resident").value = wanted.get("resident") || idOf(1);

const send = (path, more) => fetch(path, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ resident: at("resident").value, language: at("language").value, ...more }),
}).then(refresh);

const play = (kind, text = "", data = "") => send("/demo/event", { kind, text, data });
const newId = () => String(Math.floor(Math.random() * 1e15));

/** Do what a button of LINE does. */
function act(action) {
  if (action.type === "message") return play("text", action.text, newId());
  if (action.type === "postback") return play("postback", action.displayText || "", action.data);
  return window.open(action.uri, "_blank", "noopener");
}

async function refresh() {
  const state = await (await fetch(`/demo/state/${at("resident").value}`)).json();
  showLines(state.lines);
  showMenu(state.menu);
  showCounts(state.counts);
  at("log").replaceChildren(...state.log.map((line) => made("li", "", line)));
}

function showLines(lines) {
  const now = JSON.stringify(lines);
  if (now === shown.lines) return;
  shown.lines = now;
  const gone = new Set(lines.filter((line) => line.kind === "unsend").map((line) => line.id));
  at("chat").replaceChildren(...lines.map((line) => lineOf(line, act, gone)).filter(Boolean));
  const last = lines.at(-1);
  const items = last?.from === "city" ? last.message.quickReply?.items ?? [] : [];
  at("quick").replaceChildren(...items.map(({ action }) => {
    const tapped = made("button", "", action.label);
    tapped.addEventListener("click", () => act(action));
    return tapped;
  }));
  at("chat").scrollTop = at("chat").scrollHeight;
}

function showMenu(menu) {
  if ((menu?.id ?? "") === shown.menu) return;
  shown.menu = menu?.id ?? "";
  at("menu").replaceChildren();
  if (!menu) return;
  const picture = made("img");
  picture.src = `/demo/menu/${menu.id}.png`;
  picture.alt = "";
  at("menu").append(picture, ...menu.areas.map((area) => tappable(area, menu.size)));
  at("keyboard").title = menu.chatBarText;
}

function tappable({ bounds, action }, size) {
  const button = made("button");
  button.setAttribute("aria-label", action.label);
  const parts = { left: bounds.x / size.width, width: bounds.width / size.width, top: bounds.y / size.height, height: bounds.height / size.height };
  for (const [side, part] of Object.entries(parts)) button.style[side] = `${part * 100}%`;
  button.addEventListener("click", () => act(action));
  return button;
}

function showCounts(counts) {
  const rows = Object.entries(COUNTS).flatMap(([key, label]) => [made("dt", "", label), made("dd", "", String(counts[key] ?? "なし"))]);
  at("counts").replaceChildren(...rows);
}

/** Take back the last words that were not taken back yet. */
function unsend() {
  const lines = JSON.parse(shown.lines || "[]");
  const gone = new Set(lines.filter((line) => line.kind === "unsend").map((line) => line.id));
  const last = lines.findLast((line) => line.kind === "text" && !gone.has(line.id));
  if (last) play("unsend", "", last.id);
}

at("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  at("text").value = "";
  if (text) play("text", text, newId());
});
at("keyboard").addEventListener("click", () => {
  at("menu").hidden = !at("menu").hidden;
  at("keyboard").setAttribute("aria-expanded", String(!at("menu").hidden));
});
at("resident").addEventListener("change", refresh);
at("unsend").addEventListener("click", unsend);
at("again").addEventListener("click", () => send("/demo/again", { kind: "text" }));
for (const tool of document.querySelectorAll("[data-kind]")) {
  tool.addEventListener("click", () => play(tool.dataset.kind, "", tool.dataset.data ?? (tool.dataset.kind.includes("follow") ? "" : newId())));
}
refresh();
setInterval(refresh, 500);
