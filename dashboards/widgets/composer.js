const boxes = new WeakMap();
const WAIT_MS = 300;

export default function ({ data, parentElement, setStateValue }) {
  let box = boxes.get(parentElement);
  if (!box) { box = build(parentElement); boxes.set(parentElement, box); }
  box.tell = (text) => setStateValue("text", text);
  box.data = data;
  dress(box);
  if (box.version !== data.version) {
    box.version = data.version;
    box.area.value = data.value ?? "";
    box.sent = box.area.value;
  }
  draw(box);
}

function build(root) {
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const names = ["label", "fields", "area", "meter", "chars", "parts", "left", "encoding", "bar", "fill", "note", "spoken"];
  const box = { sent: "", timer: 0, speech: 0 };
  for (const name of names) box[name] = find(name);
  box.words = [...root.querySelectorAll("[data-word]")];
  const send = () => {
    clearTimeout(box.timer);
    if (box.area.value !== box.sent) { box.sent = box.area.value; box.tell(box.sent); }
  };
  box.area.addEventListener("input", () => { draw(box); clearTimeout(box.timer); box.timer = setTimeout(send, WAIT_MS); });
  box.area.addEventListener("blur", send);
  return box;
}

function dress(box) {
  const { words, language, label, fields } = box.data;
  box.label.textContent = label;
  box.area.placeholder = words.placeholder;
  box.area.closest(".composer").dir = language === "fa" ? "rtl" : "ltr";
  for (const word of box.words) word.textContent = words[word.dataset.word];
  const wanted = (fields ?? []).join("\n");
  if (box.shown === wanted) return;
  box.shown = wanted;
  box.fields.replaceChildren(...(fields ?? []).map((name) => chip(box, name)));
  box.fields.hidden = !wanted;
}

function chip(box, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `{${name}}`;
  button.title = box.data.words.insert;
  button.addEventListener("click", () => {
    box.area.setRangeText(`{${name}}`, box.area.selectionStart, box.area.selectionEnd, "end");
    box.area.focus();
    box.area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

function draw(box) {
  const { tables, words, language, parts_max: most } = box.data;
  box.area.dir = box.area.value ? "auto" : language === "fa" ? "rtl" : "ltr";
  const text = ended(box.area.value, box.data.ending), found = countParts(text, tables), show = (n) => figure(n, language);
  Object.assign(box.meter.dataset, { units: found.units, parts: found.parts, encoding: found.encoding, left: found.left });
  box.chars.textContent = show(found.chars);
  box.parts.textContent = show(text ? found.parts : 0);
  box.left.textContent = show(found.left);
  box.encoding.textContent = found.encoding === "ucs2" ? words.ucs2 : words.gsm7;
  box.encoding.className = `encoding ${found.encoding}`;
  const room = found.parts === 1 ? single(found, tables) : part(found, tables);
  box.fill.style.inlineSize = `${Math.round((100 * (room - found.left)) / room)}%`;
  const over = found.parts > most;
  box.meter.classList.toggle("over", over);
  box.note.textContent = note(found, box, words, over, show(most));
  box.area.setAttribute("aria-invalid", over ? "true" : "false");
  clearTimeout(box.speech);
  const chars = counted(box.chars, found.chars, words.char, words.chars);
  const spoken = `${chars}، ${counted(box.parts, text ? found.parts : 0, words.part, words.parts)}`;
  box.speech = setTimeout(() => { box.spoken.textContent = spoken; }, 1200);  // not at every key
}

function counted(figure, n, one, many) {  // puts the word beside its figure in the number it needs
  const word = n === 1 ? one : many;
  figure.nextElementSibling.textContent = word;
  return `${figure.textContent} ${word}`;
}

const single = (found, { sizes }) => (found.encoding === "ucs2" ? sizes.ucs2_single : sizes.gsm7_single);
const part = (found, { sizes }) => (found.encoding === "ucs2" ? sizes.ucs2_part : sizes.gsm7_part);

function ended(text, ending) {  // as data.rules.advertising.ended: an advert is counted as it will be sent
  const bare = text.trimEnd();
  if (!ending || !bare) return text;
  return bare.endsWith(ending.words) ? bare : `${bare.replace(new RegExp(ending.nearly), "")}\n${ending.words}`;
}

function note(found, box, words, over, most) {
  const notes = [], text = box.area.value, { ending } = box.data;
  if (ending && text.trim() && !text.trimEnd().endsWith(ending.words)) notes.push(words.ending.replace("{words}", ending.words));
  if (over) notes.push(words.over.replace("{max}", most));
  if (found.forced && /[A-Za-z]{3}/.test(text)) notes.push(words.forced.replace("{sign}", found.forced));
  if (/\{[^{}]+\}/.test(text)) notes.push(words.merge);
  return notes.join(" ");
}

function figure(number, language) {
  return new Intl.NumberFormat(language === "fa" ? "fa-IR" : "en-US").format(number);
}
