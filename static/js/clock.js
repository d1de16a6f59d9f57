/* time[data-since] counts on: "4 min", "3 h 10 min", "2 d 4 h", and takes the colour of its wait. The same words as
   leadcrm/lib/durations.py, which wrote them first. */
(() => {
  "use strict";
  const words = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return hours % 24 && days < 10 ? `${days} d ${hours % 24} h` : `${days} d`;
  };

  const tick = () => {
    for (const clock of document.querySelectorAll("time[data-since]")) {
      const waited = Math.max(0, (Date.now() - Date.parse(clock.dateTime)) / 1000);
      const now = words(waited);
      if (clock.textContent !== now) clock.textContent = now;
      if (!clock.dataset.goal) continue;
      const goal = Number(clock.dataset.goal);
      clock.classList.toggle("fine", waited < goal / 2);
      clock.classList.toggle("soon", waited >= goal / 2 && waited < goal);
      clock.classList.toggle("late", waited >= goal);
    }
  };
  window.setInterval(tick, 10000);
  document.addEventListener("leadcrm:changed", tick);
})();
