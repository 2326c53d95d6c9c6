// Shows truth and prediction of any video, and its crops in step where the page may show faces.
const showVideo = (() => {
  "use strict";
  const chooser = document.getElementById("video");
  const box = document.getElementById("plot-video");
  // Only where streams are fused by attention.
  const weightsBox = document.getElementById("plot-weights");
  if (!chooser) return () => {};
  const template = box.dataset.template;
  const known = new Map(Object.entries(JSON.parse(document.getElementById("videos").textContent)));
  const [unit, slide, play, values, crop] = ["unit", "position", "play", "values", "crop"].map((id) => document.getElementById(id));
  // Steps between 0 and 1 and the value for none, as in videos.py.
  const [steps, none] = [10000, -32768];
  // Assumed for playing alone, where no container says the rate.
  const usualRate = 30;
  let shown = null;
  let decoded = null;

  function decode(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Array.from(new Int16Array(bytes.buffer), (value) => (value === none ? null : value / steps));
  }

  function values_of(video) {
    const both = {};
    for (const kind of ["truth", "prediction"]) {
      if (!video[kind]) continue;
      both[kind] = Object.fromEntries(Object.entries(video[kind]).map(([dimension, text]) => [dimension, decode(text)]));
    }
    return both;
  }

  const seconds = (video, frame) => (frame - 1) / video.rate;
  const two = (value) => (value === null ? "none" : value.toFixed(2).replace("-", "−"));

  function figure(video, inSeconds) {
    const layoutAndData = JSON.parse(template);
    const both = values_of(video);
    const numbers = Array.from({ length: video.frames }, (_, place) => place + 1);
    const place = (frame) => (inSeconds ? seconds(video, frame) : frame);
    const other = numbers.map((frame) => (inSeconds ? `frame ${frame}` : video.rate ? `${seconds(video, frame).toFixed(2)} s` : ""));
    for (const trace of layoutAndData.data) {
      const { kind, dimension } = trace.meta;
      if (kind in both) {
        Object.assign(trace, { x: numbers.map(place), y: both[kind][dimension], customdata: other });
      } else {
        const runs = video.shades[kind] ?? [];
        trace.x = runs.flatMap(([first, last]) => [first - 0.5, first - 0.5, last + 0.5, last + 0.5, null].map((x) => (x === null ? null : place(x))));
        trace.y = runs.flatMap(() => [-1.05, 1.05, 1.05, -1.05, null]);
      }
    }
    const range = [place(0.5), place(video.frames + 0.5)];
    for (const [key, axis] of Object.entries(layoutAndData.layout)) if (key.startsWith("xaxis")) axis.range = range;
    const last = layoutAndData.layout.xaxis2;
    last.title.text = inSeconds ? "seconds" : "frame";
    // Another video is zoomed anew.
    layoutAndData.layout.uirevision = `${video.name} ${inSeconds}`;
    return JSON.stringify(layoutAndData);
  }

  function weightsFigure(video, inSeconds) {
    const layoutAndData = JSON.parse(weightsBox.dataset.template);
    const numbers = Array.from({ length: video.frames }, (_, place) => place + 1);
    const place = (frame) => (inSeconds ? seconds(video, frame) : frame);
    for (const trace of layoutAndData.data) {
      Object.assign(trace, { x: numbers.map(place), y: video.weights ? decode(video.weights[trace.meta.stream]) : [] });
    }
    const { layout } = layoutAndData;
    layout.xaxis.range = [place(0.5), place(video.frames + 0.5)];
    layout.xaxis.title.text = inSeconds ? "seconds" : "frame";
    layout.uirevision = `${video.name} ${inSeconds}`;
    return JSON.stringify(layoutAndData);
  }

  function show(video) {
    stop();
    known.set(video.name, video);
    [shown, decoded] = [video, values_of(video)];
    chooser.value = video.name;
    unit.disabled = !video.rate;
    if (!video.rate) unit.value = "frames";
    box.setAttribute("aria-label", `Truth and prediction over time of ${video.label}`);
    plots.add(box, () => figure(video, unit.value === "seconds"));
    if (weightsBox) {
      weightsBox.setAttribute("aria-label", `Weights of the streams over time in ${video.label}`);
      plots.add(weightsBox, () => weightsFigure(video, unit.value === "seconds"));
    }
    Object.assign(slide, { min: 1, max: video.frames, value: 1 });
    crop.hidden = !video.tiles;
    if (video.tiles) crop.style.backgroundImage = `url(${video.tiles.picture})`;
    seek(1);
  }

  function choose(name) {
    const option = [...chooser.options].find((one) => one.value === name);
    if (!option) return;
    chooser.value = name;
    if (known.has(name)) return show(known.get(name));
    const script = document.createElement("script");
    script.src = option.dataset.file;
    script.onerror = () => {
      values.textContent = `${option.dataset.file} is not beside this page: copy the folder ${option.dataset.file.split("/")[0]}/ with it.`;
    };
    document.head.append(script);
  }

  function seek(frame) {
    slide.value = frame;
    const at = frame - 1;
    const time = shown.rate ? ` (${seconds(shown, frame).toFixed(2)} s)` : "";
    const parts = Object.entries(decoded.prediction ?? {}).map(([dimension, column]) => {
      const truth = decoded.truth ? `, truth ${two(decoded.truth[dimension][at])}` : "";
      return `${dimension} ${two(column[at])}${truth}`;
    });
    values.textContent = `Frame ${frame}${time}: ${parts.join("; ")}`;
    slide.setAttribute("aria-valuetext", values.textContent);
    if (!shown.tiles) return;
    const { frames, side, columns } = shown.tiles;
    let tile = frames.findIndex((number) => number > frame) - 1;
    if (tile === -2) tile = frames.length - 1;
    tile = Math.max(tile, 0);
    const size = crop.clientWidth / side;
    crop.style.backgroundSize = `${columns * side * size}px`;
    crop.style.backgroundPosition = `${-(tile % columns) * side * size}px ${-Math.floor(tile / columns) * side * size}px`;
    crop.setAttribute("aria-label", `Crop of frame ${frames[tile]}`);
  }

  function mark(frame) {
    const x = unit.value === "seconds" ? seconds(shown, frame) : frame;
    const line = { type: "line", xref: "x2", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { width: 1, color: "#808080" } };
    if (window.Plotly) Plotly.relayout(box, { shapes: [line] });
  }

  let playing = 0;
  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    play.textContent = "Play";
  }
  function start() {
    const from = Number(slide.value) >= shown.frames ? 1 : Number(slide.value);
    // The time of the first step: it may be before that of the click, when its picture was begun earlier.
    let began = null;
    play.textContent = "Pause";
    const step = (now) => {
      began ??= now;
      const frame = Math.min(shown.frames, Math.floor(from + ((now - began) / 1000) * (shown.rate || usualRate)));
      seek(frame);
      mark(frame);
      if (frame >= shown.frames) return stop();
      playing = requestAnimationFrame(step);
    };
    playing = requestAnimationFrame(step);
  }

  function move(step) {
    const place = (chooser.selectedIndex + step + chooser.options.length) % chooser.options.length;
    open(chooser.options[place].value);
  }
  function open(name) {
    history.replaceState(null, "", `#video=${encodeURIComponent(name)}`);
    choose(name);
  }

  chooser.addEventListener("change", () => open(chooser.value));
  document.getElementById("previous").addEventListener("click", () => move(-1));
  document.getElementById("next").addEventListener("click", () => move(1));
  unit.addEventListener("change", () => [box, weightsBox].forEach((one) => one && plots.draw(one)));
  play.addEventListener("click", () => (playing ? stop() : start()));
  slide.addEventListener("input", () => {
    stop();
    seek(Number(slide.value));
    mark(Number(slide.value));
  });

  plots.ready.then(() => {
    for (const one of document.querySelectorAll(".plot[data-video]")) {
      const video = known.get(one.dataset.video);
      if (video) plots.add(one, () => figure(video, false));
    }
    const linked = location.hash.startsWith("#video=") ? decodeURIComponent(location.hash.slice(7)) : "";
    choose(linked || chooser.value);
    if (linked) document.getElementById("any-video").scrollIntoView();
    box.on?.("plotly_hover", ({ points }) => !playing && seek(points[0].pointIndex + 1));
    const dots = document.getElementById("plot-videos");
    dots?.on?.("plotly_click", ({ points }) => {
      open(points[0].customdata[0]);
      document.getElementById("any-video").scrollIntoView();
    });
    document.documentElement.dataset.videos = "ready";
  });
  return show;
})();
