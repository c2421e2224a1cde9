// The page behind a return link: one button exchanges the link for the talk, leaves it in this tab, and opens the chat.
const form = document.getElementById("return");
const gone = document.getElementById("gone");
const { city, language } = form.dataset;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(location.pathname, { method: "POST", cache: "no-store", credentials: "omit" });
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (!answer.ok) {
      button.hidden = true;
      gone.hidden = false;
      document.getElementById("anew").hidden = false;
      return;
    }
    const { conversation } = await answer.json();
    sessionStorage.setItem(`madoguchi:${city}`, JSON.stringify({ conversation }));
    location.replace(`/${city}/chat?lang=${language}`);
  } catch {
    button.disabled = false; // the line broke: the link was not used up, so it can be tried again
  }
});
