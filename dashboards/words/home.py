"""The words of the home page."""

WORDS: dict[str, tuple[str, str]] = {  # key: (Persian, English)
    "welcome": ("{name}، خوش آمدید", "Welcome, {name}"),
    "credit_available": ("اعتبار در دسترس", "Available credit"),
    "credit_available_help": ("آنچه برای ارسال تازه می‌توان خرج کرد.", "What can be spent on new sends."),
    "credit_held": ("رزرو شده", "Reserved"),
    "credit_held_help": (
        "برای ارسال‌هایی که در جریان‌اند کنار گذاشته شده است.",
        "Set aside for sends that are under way.",
    ),
    "credit_unknown": ("در انتظار نتیجه", "Awaiting outcome"),
    "credit_unknown_help": (
        "برای پیام‌هایی که نتیجهٔ ارسالشان هنوز روشن نیست.",
        "For messages whose outcome is not known yet.",
    ),
    "today_sent": ("ارسال امروز", "Sent today"),
    "today_delivered": ("رسیده به گوشی", "Delivered"),
    "today_failed": ("ناموفق", "Failed"),
    "today_received": ("دریافتی", "Received"),
    "activity": ("نمودار فعالیت شما در ۳۰ روز گذشته", "Your activity in the last 30 days"),
    "series_delivered": ("رسیده", "Delivered"),
    "series_failed": ("ناموفق", "Failed"),
    "series_received": ("دریافتی", "Received"),
    "messages": ("پیام", "Messages"),
    "recent": ("ارسال‌های تازه", "Recent sends"),
    "empty_title": ("هنوز چیزی نفرستاده‌اید", "You have not sent anything yet"),
    "empty_ready": (
        "جمعیت آماده است: جایی را روی نقشه برگزینید، متن را بنویسید و بها را پیش از ارسال ببینید.",
        "The population is ready: choose a place on the map, write the text and see the price before "
        "you send.",
    ),
    "empty_button": ("نخستین ارسال روی نقشه", "First send on the map"),
    "empty_no_data": (
        "برای دیدن سامانه با دادهٔ نمونه، یکی از این دو دستور را در پوشهٔ چاپار در پایانه بنویسید:",
        "To see the panel with sample data, type one of these in a terminal, in Chapar's folder:",
    ),
    "held_note": (
        "اکنون چیزی فرستاده نمی‌شود: سامانه منتظر تایید مدیر آن است.",
        "Nothing is sent at the moment: this installation waits for its administrator's word.",
    ),
}
