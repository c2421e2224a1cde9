// What every page of the console does with JavaScript; without it everything still works.

// After a form came back, begin with what is wrong.
document.querySelector('[data-focus]')?.focus();

// A second click must not send a form twice; the button keeps its place and says that it is at work.
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}

// Passwords may be looked at while they are typed (the button is only there where it works).
for (const button of document.querySelectorAll('button[data-shows]')) {
  const fields = button.dataset.shows.split(' ').map((id) => document.getElementById(id));
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(shown));
    for (const field of fields) field.type = shown ? 'text' : 'password';
  });
}

// Print.
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
