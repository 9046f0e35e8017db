"""The words of the phone book's pages: who must not be written to."""

WORDS: dict[str, tuple[str, str]] = {  # key: (Persian, English)
    "section_phonebook": ("دفترچه تلفن", "Phone book"),
    "page_suppression": ("فهرست لغو و لیست سیاه", "Opt-outs and blacklist"),
    "suppression_title": ("فهرست لغو و لیست سیاه", "Opt-outs and blacklist"),
    "suppression_about": (
        "به این شماره‌ها پیامی نمی‌رود؛ از همین دم، در ارسال‌های در جریان هم.",
        "Nothing goes to these numbers, from this moment, in sends that are under way too.",
    ),
    "suppression_new": ("افزودن به لیست سیاه", "Add to the blacklist"),
    "suppression_count": ("{n} شماره", "{n} numbers"),
    "suppression_head": ("{people} نفر در همه، این ماه +{new}", "{people} people in all, +{new} this month"),
    "suppression_empty": (
        "هر که «لغو۱۱» بفرستد اینجا می‌آید؛ لیست سیاه را خودتان می‌سازید.",
        "Whoever sends “11” to opt out appears here; the blacklist is your own.",
    ),
    "suppression_example": ("لغو۱۱", "لغو۱۱"),
    "suppression_example_why": ("خودش تلفنی خواست", "Asked for it on the phone"),
    "suppression_added": (
        "{n} افزوده شد، {existing} بود، {rejected} نادرست.",
        "{n} added, {existing} were there, {rejected} rejected.",
    ),
    "suppression_remove": ("برداشتن از لیست سیاه", "Take off the blacklist"),
    "suppression_remove_sure": (
        "به {n} نفر{who} از ارسال بعد دوباره پیام می‌رود.",
        "From the next send on people are written to again: {n}{who}.",
    ),
    "suppression_come_back": ("بازگرداندن با سند", "Bring back with a proof"),
    "suppression_come_back_sure": (
        "به این {n} نفر{who} از ارسال بعد دوباره تبلیغ می‌رود. سند همراه نام شما نگه داشته می‌شود.",
        "Adverts go to {n} person{who} again from the next send on. The proof is kept with your name.",
    ),
    "suppression_imports_title": ("درون‌ریزی‌ها", "Lists that were read in"),
    "suppression_imports_new": ("درون‌ریزی فایل", "Read a file in"),
    "suppression_imports_count": ("{n} فایل", "Files: {n}"),
    "suppression_imports_empty": (
        "فهرست شماره‌هایی را که جای دیگر دارید یک‌جا بیاورید: CSV، هر شماره در یک سطر.",
        "Bring a list of numbers that you have elsewhere at once: CSV, a number to a row.",
    ),
    "suppression_imports_example": ("0912 345 6789\n+98 935 123 4567", "0912 345 6789\n+98 935 123 4567"),
    "every_line": ("همهٔ خط‌ها", "Every line"),
    "from_page": ("در صفحه", "On the page"),
    "from_command": ("با دستور", "By command"),
    "from_import": ("از فایل", "From a file"),
    "from_inbound": ("پیام خودش", "By their own message"),
    "from_receipt": ("از گزارش اپراتور", "From the operator's receipt"),
}
