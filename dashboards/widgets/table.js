// A real HTML table: right-to-left, readable by screen readers, and every cell is text, never markup.
export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".chapar-table");
  root.dir = data.language === "fa" ? "rtl" : "ltr";
  const table = document.createElement("table");
  if (data.caption) table.append(make("caption", data.caption, "caption"));
  const head = table.createTHead().insertRow(), marks = chooser(data, setStateValue);
  if (data.choose) head.append(marks.all());
  for (const column of data.columns) {
    const cell = make("th", column.title, `k-${column.kind}`);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of data.rows) {
    const out = line(row, data, setTriggerValue);
    if (data.choose) out.prepend(marks.of(row));
    if (data.marked && row.id === data.marked) {
      out.className = "new";
      out.querySelector("td:not(.k-choose)")?.append(make("span", data.new, "state good"));
    }
    body.append(out);
  }
  if (!data.rows.length) {
    const cell = make("td", data.empty, "k-empty");
    cell.colSpan = data.columns.length + (data.choose ? 1 : 0);
    body.insertRow().append(cell);
  }
  const frame = make("div", "", "scroll");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", data.caption || data.label);
  frame.append(table);
  root.replaceChildren(frame);
}

function line(row, data, tell) {
  const out = document.createElement("tr");
  for (const column of data.columns) {
    const value = row[column.key], cell = make("td", "", `k-${column.kind}`);
    cell.dataset.title = column.title;
    if (column.kind === "action") {
      const button = make("button", data.action, "view");
      button.type = "button";
      button.setAttribute("aria-label", `${data.action}: ${row.name ?? value}`);
      button.onclick = () => tell("open", value);
      cell.append(button);
    } else if (column.kind === "state") {
      cell.append(make("span", value.text, `state ${value.tone}`));
    } else if (column.kind === "share") {
      cell.append(bar(value), make("span", value.text, "share-text"));
    } else {
      cell.append(make("bdi", typeof value === "object" ? value?.text : value, ""));
      if (typeof value === "object" && value?.sub) cell.append(make("small", value.sub, ""));
    }
    out.append(cell);
  }
  return out;
}

// Boxes that mark rows; what is marked is told at once, and stays marked while the same rows are drawn again.
function chooser(data, tell) {
  const known = new Set(data.chosen), boxes = [];
  const say = () => tell("chosen", boxes.filter((box) => box.checked).map((box) => box.value));
  const box = (cell, label) => {
    const found = make("input", "", "");
    found.type = "checkbox";
    found.setAttribute("aria-label", label);
    cell.append(found);
    return found;
  };
  return {
    all() {
      const cell = make("th", "", "k-choose"), found = box(cell, data.chooseAll);
      found.onchange = () => { for (const one of boxes) one.checked = found.checked; say(); };
      return cell;
    },
    of(row) {
      const cell = make("td", "", "k-choose"), found = box(cell, `${data.choose}: ${row.name ?? row.id}`);
      cell.dataset.title = data.choose;
      found.value = row.id;
      found.checked = known.has(row.id);
      found.onchange = say;
      boxes.push(found);
      return cell;
    },
  };
}

function bar(value) {
  const outer = make("span", "", "track"), inner = make("span", "", "fill");
  outer.setAttribute("aria-hidden", "true");
  inner.style.inlineSize = `${Math.min(100, value.percent)}%`;
  outer.append(inner);
  return outer;
}

function make(tag, text, name) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
}
