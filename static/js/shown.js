/* Fields of a public form that are shown only when another one says something ([data-shown]): hidden ones are switched
   off, so that nothing is posted for them. Without scripts all are shown, with when they count. On pages of others it
   is part of /f/embed.js, which says by an event which form is ours. */
(() => {
  "use strict";
  const said = (form, key) => {
    const all = [...form.elements].filter((one) => one.name === key && !one.disabled);
    if (all.length === 1 && all[0].type === "checkbox" && all[0].value === "yes") return [all[0].checked ? "yes" : "no"];
    return all.flatMap((one) => {
      if (one.type === "radio" || one.type === "checkbox") return one.checked ? [one.value] : [];
      return one.value.trim() ? [one.value.trim()] : [];
    });
  };

  const holds = (form, field) => {
    const values = said(form, field.dataset.shown);
    const wanted = JSON.parse(field.dataset.values);
    const op = field.dataset.op;
    if (op === "filled" || op === "empty") return (values.length > 0) === (op === "filled");
    return values.some((one) => wanted.includes(one)) === (op === "is");
  };

  const draw = (form) => {
    for (const field of form.querySelectorAll("[data-shown]")) {
      const on = holds(form, field);
      field.hidden = !on;
      for (const input of field.querySelectorAll("input, select, textarea")) input.disabled = !on;
    }
  };

  const begin = (form) => {
    if (form.dataset.conditions === "on") return;
    form.dataset.conditions = "on";
    for (const note of form.querySelectorAll("[data-only-if]")) note.remove();
    for (const happening of ["input", "change"]) form.addEventListener(happening, () => draw(form));
    form.addEventListener("reset", () => setTimeout(() => draw(form)));
    draw(form);
  };

  document.addEventListener("leadcrm:conditions", (event) => begin(event.detail));
  if (document.currentScript && document.currentScript.dataset.form) return;
  const all = () => document.querySelectorAll("form[data-conditions]").forEach(begin);
  all();
  document.addEventListener("htmx:afterSettle", all);
})();
