// The kiosk around the chat: begins anew when nobody is there, turns links into QR codes, makes letters larger. It stores nothing.
const element = (id) => document.getElementById(id);
const talk = element("talk");
const warning = element("idle");
const phone = element("phone");
const seconds = (name) => Number(talk.dataset[name]);

// ---- nobody there: a warning that can be answered, then the first screen ---------------------------------------
let quiet = 0;
let counting = 0;

// The chat erases the talk of who has left, in the service too; half a second is enough to send that off.
function beginAnew(event) {
  event?.preventDefault();
  talk.contentDocument.getElementById("chat")?.dispatchEvent(new Event("madoguchi:end"));
  setTimeout(() => location.replace(element("restart").href), 500);
}

function count(left) {
  element("idle-text").textContent = talk.dataset.text.replace("{seconds}", left);
  if (left <= 0) beginAnew();
  else counting = setTimeout(count, 1000, left - 1);
}

function warn() {
  if (!warning.open) warning.showModal();
  count(seconds("warning"));
}

function stirred() {
  clearTimeout(quiet);
  clearTimeout(counting);
  if (warning.open) warning.close();
  quiet = setTimeout(warn, seconds("idle") * 1000);
}

// A touch must not take the warning away from under the finger: its button ends it.
const touched = () => warning.open || stirred();

// ---- links: nothing leads out of the kiosk ---------------------------------------------------------------------
function showLink(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || link.id === "restart" || link.closest(".bar")) return;
  const address = new URL(link.href, location.href);
  if (address.origin === location.origin && address.hash && address.pathname === link.ownerDocument.location.pathname) return;
  event.preventDefault();
  event.stopPropagation();
  const shown = address.protocol === "tel:" ? decodeURIComponent(address.pathname) : address.href;
  element("address").textContent = shown;
  element("qr").hidden = address.protocol === "tel:";
  if (!element("qr").hidden) element("qr").src = `${talk.dataset.qr}?${new URLSearchParams({ url: address.href })}`;
  phone.showModal();
}

element("qr").addEventListener("error", () => { element("qr").hidden = true; });
element("back").addEventListener("click", () => phone.close());

// ---- letters ---------------------------------------------------------------------------------------------------
let size = 100;
const enlarge = () => [document, talk.contentDocument].forEach((page) => { page.documentElement.style.fontSize = `${size}%`; });
for (const button of document.querySelectorAll("[data-size]")) {
  button.addEventListener("click", () => {
    size = Number(button.dataset.size);
    for (const other of document.querySelectorAll("[data-size]")) other.ariaPressed = String(other === button);
    enlarge();
  });
}

// ---- this page and the chat in it ------------------------------------------------------------------------------
function watch(page) {
  for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) page.addEventListener(kind, touched, { passive: true, capture: true });
  page.addEventListener("click", showLink, true);
}
function watchTalk() {
  watch(talk.contentDocument);
  enlarge();
}

watch(document);
if (talk.contentDocument?.readyState === "complete" && talk.contentDocument.URL !== "about:blank") watchTalk();
talk.addEventListener("load", watchTalk);
element("restart").addEventListener("click", beginAnew);
element("stay").addEventListener("click", stirred);
warning.addEventListener("cancel", stirred);
stirred();
