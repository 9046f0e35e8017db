// What Streamlit says itself it says in English only; here it says it in Persian, as soon as it stands on the page.
// Texts are looked at in its widgets only, for elsewhere the same words may be what somebody wrote; labels everywhere.
const PLACES = ".stFileUploader, .stSelectbox, .stMultiSelect, .stTimeInput, [role=listbox], [role=tooltip], "
  + "[role=dialog], [data-testid=stTooltipContent], [data-testid=stSkipToContent]";
const OF_USERS = "[role=option], textarea, svg";
const ATTRIBUTES = ["aria-label", "title", "placeholder"];
const UNITS = { B: "بایت", KB: "کیلوبایت", MB: "مگابایت", GB: "گیگابایت" };
const WORDS = {
  "Upload": "برگزیدن فایل", "Add files": "افزودن فایل", "file upload": "برگزیدن فایل", "add icon": "",
  "Drag and drop a file here": "فایل را همین‌جا رها کنید", "Drag and drop files here": "فایل را همین‌جا رها کنید",
  "Only one file is allowed.": "تنها یک فایل بیاورید.",
  "No results": "چیزی پیدا نشد", "Choose an option": "برگزینید", "Choose options": "برگزینید",
  "Select all": "برگزیدن همه", "Clear all": "پاک کردن همه", "Clear value": "پاک کردن", "Clear time": "پاک کردن",
  "Selectbox options": "گزینه‌ها", "Multiselect options": "گزینه‌ها", "Selected values": "برگزیده‌ها",
  "Connection error": "ارتباط با سامانه قطع است", "Close": "بستن", "Dismiss": "بستن", "Open": "گشودن", "Error:": "خطا:",
  "Skip to main content": "رفتن به متن اصلی", "Main menu": "فهرست اصلی", "Sidebar": "فهرست بخش",
  "Collapse sidebar": "بستن فهرست بخش", "Expand sidebar": "گشودن فهرست بخش", "Notifications": "آگاهی‌ها",
  "Increment": "بیشتر", "Decrement": "کمتر", "progress": "پیشرفت", "Vega visualization": "نمودار",
  "Show data": "نمایش داده‌ها", "Show chart": "نمایش نمودار", "Download as PNG": "دریافت تصویر (PNG)",
  "Copy Vega-Lite spec": "رونوشت نمودار", "Download as CSV": "دریافت CSV", "Search": "جست‌وجو",
  "Fullscreen": "تمام‌صفحه", "Close fullscreen": "بستن تمام‌صفحه", "Copy to clipboard": "رونوشت",
  "Link to heading": "پیوند به این تیتر",
  "Pagination": "صفحه‌ها", "Previous page": "صفحهٔ پیش", "Next page": "صفحهٔ بعد", "Running...": "در حال انجام…",
};
const SENTENCES = [
  [/^([\d.]+)([KMG]?B) per file$/, (_, size, unit) => `تا ${amount(size, unit)}`],
  [/^File must be ([\d.]+)([KMG]?B) or smaller\.$/, (_, size, unit) => `فایل باید ${amount(size, unit)} یا کوچک‌تر باشد.`],
  [/^.* files are not allowed\.$/, () => "فایلی از این گونه پذیرفته نمی‌شود."],
  [/^([\d.]+)([KMG]?B)$/, (_, size, unit) => amount(size, unit)],
  [/^(.+), ([\d.]+)([KMG]?B)$/, (_, file, size, unit) => `${file}، ${amount(size, unit)}`],
  [/^Help for (.+)$/, (_, what) => `راهنمای ${what}`],
  [/^Page (\d+)$/, (_, number) => `صفحهٔ ${number}`],
  [/^Remove (.+)$/, (_, what) => `برداشتن ${what}`],
  [/^Select (\d+) matches$/, (_, count) => `برگزیدن هر ${count} مورد`],
  [/^You can only select up to (\d+) options?\. Remove an option first\.$/, (_, count) => `بیش از ${count} مورد نمی‌توان برگزید؛ نخست یکی را بردارید.`],
];

function amount(size, unit) {
  return `${size.replace(/\.0$/, "").replace(".", "٫")} ${UNITS[unit]}`;
}

function persian(said) {
  const text = said.trim();
  const known = SENTENCES.find(([pattern]) => pattern.test(text));
  const better = known ? text.replace(...known) : Object.hasOwn(WORDS, text) ? WORDS[text] : text;
  return said.replace(text, () => better);
}

function mendText(node) {
  const place = node.parentElement;
  if (!place?.closest(PLACES) || place.closest(OF_USERS)) return;
  const better = persian(node.data);
  if (better !== node.data) node.data = better;
}

function mendAttributes(element) {
  if (element.closest(OF_USERS)) return;
  for (const name of ATTRIBUTES) {
    const said = element.getAttribute(name);
    const better = said && persian(said);
    if (better !== said) element.setAttribute(name, better);
  }
}

function mendAll(root) {
  if (root.nodeType === Node.TEXT_NODE) return mendText(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  mendAttributes(root);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) mendText(walker.currentNode);
    else mendAttributes(walker.currentNode);
  }
}

mendAll(document.documentElement);
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "childList") addedNodes.forEach(mendAll);
    else if (type === "attributes") mendAttributes(target);
    else mendText(target);
  }
}).observe(document.documentElement, {
  subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
});
