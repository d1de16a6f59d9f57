/* [data-scanner]: reads the code of a ticket with the camera, where the browser can (BarcodeDetector), and opens it.
   Only addresses of our own check-in are followed. Where it cannot, nothing is shown: there is the search. */
(() => {
  "use strict";
  const box = document.querySelector("[data-scanner]");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const video = box.querySelector("video");
  const button = box.querySelector("[data-scan]");
  const says = box.querySelector("[data-scan-says]");
  let stream = null;

  const stop = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    box.classList.remove("on");
  };

  const open = (text) => {
    const found = /\/events\/at\/([A-Za-z0-9~_-]+)\/?$/.exec(text);
    if (!found) {
      says.textContent = "This is no ticket of ours.";
      return false;
    }
    const query = new URLSearchParams({ at: box.dataset.event });
    if (box.dataset.session) query.set("session", box.dataset.session);
    stop();
    location.assign(`/events/at/${found[1]}/?${query}`);
    return true;
  };

  const look = async (detector) => {
    if (!stream) return;
    try {
      const [code] = await detector.detect(video);
      if (code && open(code.rawValue)) return;
    } catch {
      // not ready yet
    }
    setTimeout(() => look(detector), 150);
  };

  button.addEventListener("click", async () => {
    if (stream) {
      stop();
      return;
    }
    try {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      box.classList.add("on");
      says.textContent = "Hold the code in front of the camera.";
      look(detector);
    } catch {
      stop();
      says.textContent = "The camera cannot be used. Look for the name instead.";
    }
  });
  addEventListener("pagehide", stop);
  box.hidden = false;
})();
