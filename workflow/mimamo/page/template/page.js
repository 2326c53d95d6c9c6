// Draws the plots in the colours of the screen, and again where these change; on paper always in the light ones.
const plots = (() => {
  "use strict";
  const darkScreen = matchMedia("(prefers-color-scheme: dark)");
  const finger = matchMedia("(pointer: coarse)").matches;
  const dark = JSON.parse(document.getElementById("dark-colours").textContent);
  const options = { responsive: true, displayModeBar: false, displaylogo: false, doubleClick: "reset" };
  // What A4 has between its margins, and what lies between plots side by side, in pixels of paper.
  const paperWidth = 670;
  const gap = 24;
  // The elements that have a plot, and the functions that return its figure as JSON text.
  const boxes = new Map();
  let onPaper = false;

  function draw(box) {
    const inDark = darkScreen.matches && !onPaper;
    const { data, layout } = JSON.parse(boxes.get(box)(), (_, value) => (inDark && typeof value === "string" && dark[value]) || value);
    // A finger on a plot scrolls the page; the slider below it still zooms.
    if (finger) layout.dragmode = false;
    const share = box.classList.contains("half") ? 2 : box.classList.contains("third") ? 3 : 1;
    if (onPaper) {
      layout.width = (paperWidth - (share - 1) * gap) / share;
      for (const axis of Object.values(layout)) if (axis?.rangeslider) axis.rangeslider.visible = false;
    }
    if (box.classList.contains("square")) layout.height = Math.min(layout.height, (layout.width || box.clientWidth) + 10);
    Plotly.react(box, data, layout, options);
  }

  function drawAll(paper) {
    onPaper = paper;
    for (const box of boxes.keys()) draw(box);
    document.documentElement.dataset.drawn = onPaper ? "paper" : darkScreen.matches ? "dark" : "light";
  }

  function add(box, text) {
    boxes.set(box, text);
    if (document.documentElement.dataset.drawn) draw(box);
  }

  for (const box of document.querySelectorAll(".plot")) {
    const script = box.querySelector("script");
    const text = script?.textContent;
    box.replaceChildren();
    if (text && !["plot-video", "plot-weights"].includes(box.id)) boxes.set(box, () => text);
    else if (text) box.dataset.template = text;
  }
  darkScreen.addEventListener("change", () => drawAll(false));
  // What is folded away is printed too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
    drawAll(true);
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
    drawAll(false);
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => {
      // Selected as well, for a browser that does not let a page on disk write to the clipboard.
      const text = document.getElementById(button.dataset.copy);
      getSelection().selectAllChildren(text);
      navigator.clipboard?.writeText(text.textContent).catch(() => {});
    });
  }
  // A plot that is wider when it becomes visible has been drawn too small.
  for (const details of document.querySelectorAll("details")) {
    details.addEventListener("toggle", () => {
      for (const box of details.querySelectorAll(".plot")) if (boxes.has(box)) draw(box);
    });
  }
  const ready = library("plotly").then((text) => {
    execute(text);
    drawAll(false);
  });
  return { add, draw, ready };
})();
