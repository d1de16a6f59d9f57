/* What is asked of the server: the vocabulary, values, a condition read, whom it meets. What is no condition is answered
   by an object with `error`, `message`, `path`, `problem`, `expected`, and for texts `line` and `column`. */
const token = (box) => {
  const typed = box.closest("form")?.querySelector("[name=csrfmiddlewaretoken]");
  if (typed) return typed.value;
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
};

async function answer(request) {
  try {
    const got = await request;
    const kind = got.headers.get("Content-Type") || "";
    if (!kind.includes("json")) return { error: "no_answer", message: "No answer. Sign in again, or reload the page." };
    return await got.json();
  } catch (problem) {
    if (problem.name === "AbortError") return null;
    return { error: "no_answer", message: "No answer. Check the connection; nothing is lost." };
  }
}

export class Server {
  constructor(box) {
    this.box = box;
    this.at = box.dataset;
    this.asking = null;
    this.editor = Math.random().toString(36).slice(2);
  }

  vocabulary() {
    return answer(fetch(this.at.vocabulary, { headers: { Accept: "application/json" } }));
  }

  async values(place, field, query) {
    const search = new URLSearchParams([["field", field], ...place.map((step) => ["in", step]), ...query]);
    const found = await answer(fetch(`${this.at.values}?${search}`, { headers: { Accept: "application/json" } }));
    return found?.values || [];
  }

  post(url, body, signal) {
    return answer(fetch(url, {
      method: "POST", signal, body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token(this.box) },
    }));
  }

  read(body) {
    return this.post(this.at.read, body);
  }

  /* Only the latest question is answered; null for one that was overtaken, which the server too gives up. */
  preview(body) {
    if (this.asking) this.asking.abort();
    this.asking = new AbortController();
    return this.post(this.at.preview, { ...body, editor: this.editor }, this.asking.signal);
  }
}
