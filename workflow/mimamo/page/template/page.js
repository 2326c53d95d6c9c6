// Draws the plots in the colours of the screen, and again where these change; on paper always in the light ones.
(() => {
  "use strict";
  const darkScreen = matchMedia("(prefers-color-scheme: dark)");
  const finger = matchMedia("(pointer: coarse)").matches;
  const dark = JSON.parse(document.getElementById("dark-colours").textContent);
  const options = { responsive: true, displayModeBar: false, displaylogo: false, doubleClick: "reset" };
  const boxes = [...document.querySelectorAll(".plot")].map((box) => ({
    box,
    text: box.querySelector("script").textContent,
  }));
  // What A4 has between its margins, and what lies between plots side by side, in pixels of paper.
  const paperWidth = 670;
  const gap = 24;

  function figure(text, inDark) {
    return JSON.parse(text, (_, value) => (inDark && typeof value === "string" && dark[value]) || value);
  }

  function draw(onPaper) {
    for (const { box, text } of boxes) {
      const { data, layout } = figure(text, darkScreen.matches && !onPaper);
      // A finger on a plot scrolls the page; the slider below it still zooms.
      if (finger) layout.dragmode = false;
      const share = box.classList.contains("half") ? 2 : box.classList.contains("third") ? 3 : 1;
      if (onPaper) layout.width = (paperWidth - (share - 1) * gap) / share;
      if (box.classList.contains("square")) layout.height = Math.min(layout.height, (layout.width || box.clientWidth) + 10);
      Plotly.react(box, data, layout, options);
    }
    document.documentElement.dataset.drawn = onPaper ? "paper" : darkScreen.matches ? "dark" : "light";
  }

  for (const { box } of boxes) box.replaceChildren();
  draw(false);
  darkScreen.addEventListener("change", () => draw(false));
  addEventListener("beforeprint", () => draw(true));
  addEventListener("afterprint", () => draw(false));
})();
