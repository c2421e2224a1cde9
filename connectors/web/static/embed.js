// Copies the lines that put the chat on a website.
const button = document.getElementById("copy");
const said = document.getElementById("copied");
button.hidden = !navigator.clipboard; // it is there on https and on localhost only
button.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("snippet").textContent);
  said.textContent = said.dataset.text;
});
