"""The words of what a send will reach and cost, and of the last step."""

WORDS: dict[str, tuple[str, str]] = {  # key: (Persian, English)
    "summary": ("خلاصهٔ ارسال", "Summary"),
    "summary_empty": ("فهرست گیرندگان خالی است.", "The recipient list is empty."),
    "counting": ("در حال شمارش…", "Counting…"),
    "pricing": ("در حال محاسبهٔ بها…", "Working out the price…"),
    "saving": ("در حال ثبت…", "Saving…"),
    "waterfall": ("این عدد چگونه به دست آمد", "How this number came about"),
    "step_matched": ("یافته‌شده", "Matched"),
    "step_duplicate": ("تکراری", "Repeated"),
    "step_suppressed": ("لیست سیاه و لغو", "Suppressed"),
    "step_already_sent": ("پیش‌تر گرفته", "Had it already"),
    "step_not_in_slice": ("بیرون از ردیف و تعداد", "Outside row and count"),
    "step_selected": ("برگزیده", "Selected"),
    "bounds": (
        "کنار شماره‌های اجاره‌ای، تا همه فرستاده نشده است فقط «حداکثر» گفته می‌شود، نه اینکه چه کسی از "
        "فهرست‌های خودتان میان آن‌هاست. همین مبلغ نگه داشته می‌شود و مانده پس از پایان برمی‌گردد.",
        "Beside rented numbers only a bound is told until all was sent, not who of your own lists is among "
        "them. That much is held; what is left of it comes back at the end.",
    ),
    "at_least": ("دست‌کم {n}", "At least {n}"),
    "column_step": ("گام", "Step"),
    "column_removed": ("کم شد", "Removed"),
    "column_left": ("ماند", "Left"),
    "price": ("بها", "Price"),
    "prices": ("بها به تفکیک اپراتور و زبان", "Price by operator and language"),
    "language_ucs2": ("فارسی", "Unicode"),
    "language_gsm7": ("لاتین", "Latin"),
    "balance_after": ("اعتبار پس از ارسال", "Credit after sending"),
    "missing_fields": (
        "گیرندگانی که فیلدشان خالی است و کنار گذاشته می‌شوند: {n}",
        "{n} recipients lack a field and are left out.",
    ),
    "bts_recipients": ("گیرندگان: {n} از دست‌کم {least}", "Recipients: {n} of at least {least}"),
    "bts_product": (
        "گیرندگان × صفحه: {n}، باید بیش از {least} باشد",
        "Recipients × parts: {n}, must be more than {least}",
    ),
    "send": ("ارسال", "Send"),
    "confirm_title": ("ارسال شود؟", "Send this?"),
    "confirm": ("تایید و ارسال", "Confirm and send"),
}
