// A map of our own outlines on which one circle or polygon is drawn, dragged and reported while it moves.
const maps = new WeakMap();
const SEND_MS = 220, TOWERS_ZOOM = 10, LABEL_ZOOMS = [[0, 1], [7, 2], [9, 3]];
const INK = { color: "#b3541e", weight: 2.5, fillColor: "#e8a33d", fillOpacity: 0.22 };
const VENDOR = "/app/static/vendor";

export default function (given) {
  const root = given.parentElement;
  const state = maps.get(root) ?? { root };
  maps.set(root, state);
  state.tell = (shape) => given.setStateValue("shape", shape);
  state.data = given.data;
  state.ready ??= load().then(() => build(state));
  state.ready.then(() => refresh(state));
}

function load() {
  window.chaparLeaflet ??= ["leaflet/leaflet.css", "geoman/leaflet-geoman.css"].map(addStyle)
    && addScript("leaflet/leaflet.js").then(() => addScript("geoman/leaflet-geoman.min.js"));
  return window.chaparLeaflet;
}

function addStyle(path) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${VENDOR}/${path}` }));
}

function addScript(path) {
  return new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: `${VENDOR}/${path}`, onload: done, onerror: failed });
    document.head.append(script);
  });
}

function build(state) {
  const { root, data } = state, L = window.L;
  const frame = root.querySelector(".chapar-map");
  frame.setAttribute("aria-label", data.words.map);
  const map = (state.map = L.map(frame, {
    zoomControl: false, attributionControl: true, minZoom: 4, maxZoom: 17, zoomSnap: 0.5, preferCanvas: true, pmIgnore: false,
  }));
  map.attributionControl.setPrefix(false);
  L.control.zoom({ position: "bottomright", zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
  scale(state).addTo(map);
  map.setView([data.view.lat, data.view.lon], data.view.zoom);
  map.pm.setGlobalOptions({ templineStyle: INK, hintlineStyle: { ...INK, dashArray: "5 5" }, pathOptions: INK, allowSelfIntersection: false });
  map.pm.setLang(data.language === "fa" ? "fa" : "en");
  outlines(state);
  listen(state);
  buttons(state);
  new ResizeObserver(() => map.invalidateSize()).observe(frame);
  frame.chaparMap = map;  // browser tests ask it where a place lies on the screen
}

function scale({ data }) {
  const control = window.L.control.scale({ imperial: false, position: "bottomleft" });
  control._updateMetric = function (most) {  // Leaflet's own says m and km in every language
    const metres = this._getRoundNum(most), far = metres >= 1000;
    this._updateScale(this._mScale, `${far ? metres / 1000 : metres} ${data.words[far ? "km" : "m"]}`, metres / most);
  };
  return control;
}

function outlines(state) {
  const { map } = state, L = window.L;
  for (const [name, z] of [["land", 210], ["lines", 220], ["towers", 240], ["names", 650]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = z;
    pane.style.pointerEvents = "none";
  }
  state.names = L.layerGroup([], { pane: "names" }).addTo(map);
  const quiet = { interactive: false, pmIgnore: true, snapIgnore: true };
  const draw = (name, style, least) => fetch(`/shapes/${name}.geojson`).then((r) => (r.ok ? r.json() : null)).then((found) => {
    if (!found) return;
    map.attributionControl.addAttribution(found.attribution ?? "");
    const layer = L.geoJSON(found, { ...quiet, ...style });
    const place = () => (map.getZoom() >= least ? layer.addTo(map) : layer.remove());
    map.on("zoomend", place);
    place();
  }).catch(() => {});
  draw("land", { pane: "land", style: { color: "#93a6b0", weight: 1.2, fillColor: "#fcfdfb", fillOpacity: 1 } }, 0);
  draw("areas", { pane: "lines", style: { color: "#c9d3d8", weight: 0.8, fill: false } }, 7);
  draw("districts", { pane: "lines", style: { color: "#a9bcc4", weight: 1, fillColor: "#eef4f4", fillOpacity: 0.6 } }, 10);
  fetch("/shapes/places.json").then((r) => (r.ok ? r.json() : [])).then((places) => { state.places = places; names(state); }).catch(() => {});
  map.on("moveend", () => { names(state); towers(state); });
  towers(state);
}

function names(state) {
  const { map, places, names: layer, data } = state, L = window.L;
  if (!places) return;
  layer.clearLayers();
  const zoom = map.getZoom(), rank = LABEL_ZOOMS.filter(([least]) => zoom >= least).at(-1)[1], view = map.getBounds().pad(0.1);
  const taken = [];
  for (const place of places) {  // the larger come first and keep their room
    if (place.rank > rank || !view.contains([place.lat, place.lon])) continue;
    const at = map.latLngToContainerPoint([place.lat, place.lon]);
    if (taken.some((other) => Math.abs(other.x - at.x) < 76 && Math.abs(other.y - at.y) < 26)) continue;
    taken.push(at);
    const text = document.createElement("span");
    text.textContent = data.language === "fa" ? place.fa : place.en || place.fa;
    const icon = L.divIcon({ className: `chapar-name rank${place.rank}`, html: text, iconSize: null });
    L.marker([place.lat, place.lon], { icon, pane: "names", interactive: false, keyboard: false, pmIgnore: true, snapIgnore: true }).addTo(layer);
  }
}

async function towers(state) {
  const { map, data } = state, L = window.L;
  state.masts ??= L.layerGroup([], { pane: "towers" }).addTo(map);
  const asked = (state.asked = (state.asked ?? 0) + 1);
  if (!data.towers || map.getZoom() < TOWERS_ZOOM) { state.masts.clearLayers(); return; }
  const found = await fetch(`/shapes/towers.json?bbox=${map.getBounds().toBBoxString()}`).then((r) => (r.ok ? r.json() : [])).catch(() => []);
  if (asked !== state.asked) return;
  state.masts.clearLayers();
  const look = { radius: 2, stroke: false, fillColor: "#5b7f9b", fillOpacity: 0.4, interactive: false, pmIgnore: true, snapIgnore: true, pane: "towers" };
  for (const [lon, lat] of found) L.circleMarker([lat, lon], look).addTo(state.masts);
}

function buttons(state) {
  const { root, map, data } = state, bar = root.querySelector(".chapar-tools");
  const add = (kind, word, act) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: `tool ${kind}`, onclick: act });
    button.append(Object.assign(document.createElement("span"), { className: "mark", ariaHidden: "true" }), data.words[word]);
    bar.append(button);
    return button;
  };
  state.tools = {};
  for (const kind of data.shapes) {
    state.tools[kind] = add(kind, `draw_${kind}`, () => {
      const on = state.tools[kind].classList.contains("on");
      map.pm.disableDraw();
      if (!on) map.pm.enableDraw(kind === "circle" ? "Circle" : "Polygon", { continueDrawing: false, snappable: false, minRadiusCircle: data.radius_min, maxRadiusCircle: data.radius_max, finishOn: kind === "circle" ? undefined : "dblclick" });
    });
    state.tools[kind].setAttribute("aria-pressed", "false");
  }
  add("clear", "clear", () => { map.pm.disableDraw(); replace(state, null); send(state, null, 0); });
  state.hint = bar.appendChild(Object.assign(document.createElement("span"), { className: "hint" }));
  state.hint.setAttribute("role", "status");
}

function listen(state) {
  const { map } = state;
  map.on("pm:drawstart", ({ shape, workingLayer }) => {
    if (state.layer) state.layer.setStyle?.({ opacity: 0.35, fillOpacity: 0.08 });
    state.working = workingLayer;
    press(state, shape);
  });
  map.on("pm:drawend", () => { state.working = null; press(state, null); state.layer?.setStyle?.({ opacity: 1, fillOpacity: INK.fillOpacity }); });
  map.on("mousemove", () => {
    const drawn = state.working;  // a circle that grows under the mouse is counted while it grows
    if (drawn?.getRadius && drawn.getRadius() > 20 && map.hasLayer(drawn)) send(state, shapeOf(drawn), SEND_MS);
  });
  map.on("pm:create", ({ layer }) => { replace(state, layer); send(state, shapeOf(layer), 0); });
}

function press(state, shape) {
  for (const [kind, button] of Object.entries(state.tools)) {
    const on = shape === (kind === "circle" ? "Circle" : "Polygon");
    button.classList.toggle("on", on);
    button.setAttribute("aria-pressed", String(on));
  }
  state.hint.textContent = shape === "Circle" ? state.data.words.hint_circle : shape ? state.data.words.hint_polygon : "";
}

function replace(state, layer) {
  if (state.layer && state.layer !== layer) state.layer.remove();
  state.layer = layer;
  if (!layer) return;
  layer.setStyle?.(INK);
  const { data } = state;
  layer.pm.enable({ allowSelfIntersection: false, snappable: false, minRadiusCircle: data.radius_min, maxRadiusCircle: data.radius_max });
  layer.pm.enableLayerDrag();
  for (const event of ["pm:change", "pm:drag", "pm:markerdrag"]) layer.on(event, () => send(state, shapeOf(layer), SEND_MS));
  for (const event of ["pm:edit", "pm:dragend", "pm:markerdragend"]) layer.on(event, () => send(state, shapeOf(layer), 0));
}

const round = (number, digits = 6) => Number(number.toFixed(digits));

function shapeOf(layer) {
  if (layer.getRadius) {
    const at = layer.getLatLng();
    return { kind: "circle", lon: round(at.lng), lat: round(at.lat), radius_m: Math.round(layer.getRadius()) };
  }
  const ring = layer.getLatLngs()[0].map((at) => [round(at.lng), round(at.lat)]);
  return { kind: "polygon", geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] } };
}

function send(state, shape, wait) {
  clearTimeout(state.timer);
  const now = () => {
    const text = JSON.stringify(shape);
    if (text === state.sent) return;
    state.sent = text;
    state.tell(shape);
  };
  wait ? (state.timer = setTimeout(now, wait)) : now();
}

function refresh(state) {
  const { data, map } = state, L = window.L;
  if (state.version === data.version) return;
  state.version = data.version;  // the number boxes moved the shape
  state.sent = JSON.stringify(data.shape);
  if (!data.shape) { replace(state, null); return; }
  const layer = data.shape.kind === "circle"
    ? L.circle([data.shape.lat, data.shape.lon], { radius: data.shape.radius_m, ...INK })
    : L.polygon(data.shape.geometry.coordinates[0].slice(0, -1).map(([lon, lat]) => [lat, lon]), INK);
  layer.addTo(map);
  replace(state, layer);
  if (!map.getBounds().contains(layer.getBounds()) || map.getZoom() < 9) map.fitBounds(layer.getBounds().pad(0.5));
}
