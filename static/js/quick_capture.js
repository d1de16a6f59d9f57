/* form[data-capture]: what cannot be sent waits in this browser, and is sent when there is a connection again.

   Each entry carries its own token, so that what was sent but never answered is not kept twice. What waits belongs to
   whoever typed it: nobody else who signs in on this device sends it. What the server refuses comes back into the form.
   Without this script the form is posted like any other. */
(() => {
  "use strict";
  const form = document.querySelector("[data-capture]");
  if (!form || !window.localStorage) return;
  const note = document.querySelector("[data-queue]");
  const says = note.querySelector("[data-queue-says]");
  const again = note.querySelector("[data-queue-send]");
  const KEY = `capture:${form.dataset.user}`;
  let sending = false;

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || [];
    } catch {
      return [];
    }
  };
  const write = (queue) => {
    if (queue.length) localStorage.setItem(KEY, JSON.stringify(queue));
    else localStorage.removeItem(KEY);
  };
  const show = (words = "") => {
    const waiting = read().length;
    note.hidden = !waiting && !words;
    says.textContent = words || `${waiting} waiting to be sent.`;
    again.hidden = !waiting;
  };
  const newToken = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `q${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };
  const entryOf = () => [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const refill = (entry) => {
    form.reset();
    for (const [name, value] of entry) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
        else field.value = value;
      }
    }
  };

  const mark = (keys) => {
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const fields = keys.map((key) => document.getElementById(`field-${key}`)).filter(Boolean);
    for (const field of fields) field.setAttribute("aria-invalid", "true");
    if (fields.length) fields[0].focus();
  };

  /* What is wrong, each sentence once, behind all fields it is said of. */
  const wrong = (errors) => {
    const named = new Map();
    for (const [key, words] of Object.entries(errors)) {
      const label = form.querySelector(`label[for="${CSS.escape(`field-${key}`)}"]`);
      const names = named.get(words.join(" ")) || [];
      named.set(words.join(" "), label ? [...names, label.firstChild.textContent.trim()] : names);
    }
    return [...named].map(([words, names]) => (names.length ? `${names.join(", ")}: ${words}` : words)).join(" ");
  };

  /* Gives "sent", "refused" (with what is wrong) or "later". */
  const post = async (entry) => {
    const body = new URLSearchParams(entry);
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST",
        body,
        redirect: "error",
        headers: {
          Accept: "application/json",
          "X-CSRFToken": form.querySelector('[name="csrfmiddlewaretoken"]').value,
        },
      });
      if (answer.ok) return { done: "sent", who: (await answer.json()).who };
      if (answer.status === 422) return { done: "refused", errors: (await answer.json()).errors };
    } catch {
      return { done: "later" };
    }
    return { done: "later", stale: true };
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    let problem = "";
    for (let queue = read(); queue.length; queue = read()) {
      const [first] = queue;
      const result = await post(first);
      if (result.done === "later") {
        if (result.stale) problem = `${queue.length} waiting to be sent: open this page again, or sign in again.`;
        break;
      }
      write(read().slice(1));
      if (result.done === "refused") {
        refill(first);
        problem = `Not saved; it is in the form again. ${wrong(result.errors)}`;
        mark(Object.keys(result.errors));
        break;
      }
      if (!read().length) location.reload(); // the last ones are listed with who they became
    }
    sending = false;
    show(problem);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = form.querySelector('[name="_token"]');
    write([...read(), entryOf()]);
    form.reset();
    mark([]);
    token.value = newToken();
    show();
    scrollTo(0, 0);
    form.querySelector("input:not([type=hidden])").focus();
    await send();
  });
  again.addEventListener("click", send);
  addEventListener("online", send);
  setInterval(() => {
    if (read().length) send();
  }, 15000);
  show();
  if (read().length) send();
})();
