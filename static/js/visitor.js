/* Which visitor this is, asked of the visits script at the moment of sending: the cookie is there after consent only. In
   /f/embed.js and /f/capture.js; where a page carries both, the first one answers. */
(() => {
  "use strict";
  const put = (body) => {
    try {
      window.leadcrm("visitor", (cookie) => {
        if (/^[\w-]{22,40}$/.test(cookie)) body.set("_visitor", cookie);
      });
    } catch { /* it may be anybody's: the form is sent */ }
  };
  const on = (what, does) => document.addEventListener(`leadcrm:${what}`, (event) => {
    event.stopImmediatePropagation();
    does(event.detail);
  });

  on("visitor", put);
  on("seen", ({ door, say }) => {
    const tell = () => {
      for (const one of ["load", "pagehide"]) window.removeEventListener(one, tell);
      const body = say ? say() : new URLSearchParams();
      put(body);
      if (String(body)) fetch(new URL("seen/", door), { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
    };
    if (document.readyState === "complete") tell();
    else for (const one of ["load", "pagehide"]) window.addEventListener(one, tell);
  });
})();
