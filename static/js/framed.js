/* A form of ours in a frame: tells the page around it how high it is, and where to go once it was sent. Only to the
   origin that our server found on the form's list (data-parent). And asks it, when the form is sent, which visitor this
   is: consent may be given or taken back while the form stands here. */
(() => {
  "use strict";
  const { parent: origin, go, sent } = document.body.dataset;
  if (!origin || window.parent === window) return;
  const tell = (words) => window.parent.postMessage(words, origin);
  const measure = () => tell({ leadcrmHeight: Math.ceil(document.getElementById("main").getBoundingClientRect().height) });
  new ResizeObserver(measure).observe(document.getElementById("main"));
  measure();
  if (sent !== undefined) tell({ leadcrmSent: true });
  if (go) tell({ leadcrmGo: go });

  const form = document.querySelector("form");
  if (!form) return;
  const PATIENCE = 500; // milliseconds; a page that does not answer stops nobody
  const input = Object.assign(document.createElement("input"), { type: "hidden", name: "_visitor" });
  let waiting = 0;
  const send = (visitor) => {
    clearTimeout(waiting);
    waiting = 0;
    input.value = visitor;
    if (visitor) Element.prototype.append.call(form, input);
    else input.remove();
    HTMLFormElement.prototype.submit.call(form); // a field may be called "submit", or "append"
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (waiting) return;
    waiting = setTimeout(send, PATIENCE, "");
    tell({ leadcrmAsks: true });
  });
  window.addEventListener("message", (event) => {
    if (!waiting || event.origin !== origin || event.source !== window.parent) return;
    if (typeof event.data?.leadcrmVisitor === "string") send(event.data.leadcrmVisitor);
  });
})();
