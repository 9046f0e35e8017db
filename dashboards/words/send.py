"""The words of the send pages: what each is about, the message, its time."""

WORDS: dict[str, tuple[str, str]] = {  # key: (Persian, English)
    "about_quick": (
        "شماره‌ها را بنویسید یا بچسبانید؛ هر جداکننده‌ای پذیرفته است.",
        "Type or paste numbers; any separator will do.",
    ),
    "about_file": (
        "شماره‌ها را در یک فایل CSV بیاورید؛ ستون‌های دیگر فیلدهای متن می‌شوند.",
        "Bring numbers in a CSV file; its other columns become fields of the text.",
    ),
    "about_area": (
        "دایره یا چندضلعی بکشید و در صورت نیاز با جنسیت، سن، اپراتور و شغل باریک کنید.",
        "Draw a circle or polygon and, if you wish, narrow it by gender, age, operator and occupation.",
    ),
    "about_bts": (
        "جایی را روی نقشه نشان کنید؛ پیام به شماره‌های ایرانسلی می‌رود که شب را کنار دکل‌های آن‌جا بوده‌اند.",
        "Mark a place on the map; the message goes to Irancell numbers that spent the night at its towers.",
    ),
    "about_gender_age": (
        "مشترکان همراه اول بر پایهٔ استان، شهر، جنسیت و سن؛ سن در روز ارسال حساب می‌شود.",
        "MCI subscribers by province, city, gender and age; ages are counted on the day of sending.",
    ),
    "about_region_irancell": (
        "مشترکان ایرانسل یک استان یا شهر.",
        "Irancell subscribers of a province or city.",
    ),
    "about_region": (
        "سراسر کشور بر پایهٔ شهر و نوع خط، یا بر پایهٔ پیش‌شماره.",
        "The whole country by city and line type, or by prefix.",
    ),
    "about_postcode": ("پنج رقم نخست کدپستی را بنویسید.", "Enter the first five digits of a postcode."),
    "about_district": (
        "منطقه‌های شهرداری را به نام برگزینید، یا چند رقم نخست کدپستی را بنویسید.",
        "Choose municipal districts by name, or enter the first digits of a postcode.",
    ),
    "about_occupation": (
        "از فهرست کامل مشاغل برگزینید؛ سراسر کشور یا یک شهر.",
        "Choose from the full list of occupations; the whole country or one city.",
    ),
    "no_population": (
        "هنوز جمعیتی منتشر نشده است. مدیر سامانه می‌تواند آن را با این دستور بسازد:",
        "No population is published yet. The administrator can build one with:",
    ),
    "no_line": (
        "این حساب هنوز خط ارسال ندارد. مدیر سامانه باید یک خط به آن بدهد.",
        "This account has no line yet. The administrator has to give it one.",
    ),
    "recipients": ("گیرندگان", "Recipients"),
    "add": ("افزودن به فهرست", "Add to list"),
    "remove": ("برداشتن", "Remove"),
    "choose_first": (
        "گیرندگان را برگزینید تا تعدادشان همین‌جا نمایش داده شود.",
        "Choose recipients; how many there are shows right here.",
    ),
    "matched": ("{n} نفر", "{n} people"),
    "as_of": ("بر پایهٔ داده‌های {date}", "Data as of {date}"),
    "as_of_unknown": ("تاریخ این داده‌ها دانسته نیست", "The date of these data is not known"),
    "fewer_than": ("کمتر از {n} نفر", "Fewer than {n} people"),
    "fewer_than_help": (
        "برای پاسداری از حریم افراد، شمارهٔ دقیق گروه‌های کوچک نشان داده و به آن‌ها ارسال نمی‌شود.",
        "To protect people's privacy, small groups are not counted exactly and cannot be sent to.",
    ),
    "slice": ("ردیف و تعداد", "Row and count"),
    "slice_help": (
        "برای ارسال بخش‌بخش، بی‌آنکه شماره‌ای دوبار پیام بگیرد: از کدام ردیف، چند نفر.",
        "To send in slices with no number written to twice: from which row, how many.",
    ),
    "row": ("از ردیف", "From row"),
    "count": ("تعداد", "Count"),
    "next_row": (
        "تا پیش از ردیف {n} فرستاده شده است؛ از همین ردیف ادامه دهید یا از ردیف ۱ دوباره آغاز کنید.",
        "Everything before row {n} was sent; go on from there, or begin anew from row 1.",
    ),
    "next_ones": ("نفرهای بعدی", "The next ones"),
    "series": ("سری", "Series"),
    "series_help": (
        "نامی مانند «بهار»: هیچ‌کس دو پیام از یک سری نمی‌گیرد، فهرست هرچه باشد.",
        'A name, such as "Spring": nobody gets two messages of one series, whatever the list.',
    ),
    "message": ("متن پیام", "Message"),
    "line": ("خط ارسال", "Line"),
    "line_ad": ("تبلیغاتی", "Advertising"),
    "line_service": ("خدماتی", "Service"),
    "line_prices": ("فارسی {persian}، لاتین {latin}", "Persian {persian}, Latin {latin}"),
    "preview": ("پیش‌نمایش برای نخستین گیرندگان", "Preview for the first recipients"),
    "when_now": ("همین حالا", "Now"),
    "when_later": ("زمان دیگر", "Later"),
    "title_hint": (
        "برای یافتن در گزارش‌ها؛ مانند: جشنوارهٔ پاییز",
        "To find it in reports; for example: Autumn sale",
    ),
    "compose_label": ("متن پیام", "Message text"),
    "compose_placeholder": ("متن پیام را اینجا بنویسید…", "Write the message here…"),
    "compose_insert": ("گذاشتن این فیلد در متن", "Put this field into the text"),
    "compose_chars": ("نویسه", "characters"),
    "compose_parts": ("پیامک", "parts"),
    "compose_part": ("پیامک", "part"),
    "compose_char": ("نویسه", "character"),
    "compose_left": ("جای خالی", "left"),
    "compose_gsm7": ("لاتین (GSM-7)", "Latin (GSM-7)"),
    "compose_ucs2": ("فارسی (UCS-2)", "Unicode (UCS-2)"),
    "compose_over": (
        "بیش از {max} پیامک فرستاده نمی‌شود؛ متن را کوتاه کنید.",
        "No more than {max} parts can be sent; shorten the text.",
    ),
    "compose_ending": (
        "«{words}» چنان‌که خط تبلیغاتی باید، به پایان متن افزوده و شمرده می‌شود.",
        "“{words}” is added at the end, as an advertising line must, and is counted.",
    ),
    "compose_forced": (
        "نویسهٔ «{sign}» متن را از لاتین به فارسی می‌برد و جا کم می‌کند.",
        "The character “{sign}” turns the text to Unicode and leaves less room.",
    ),
    "compose_merge": (
        "طول واقعی پس از پر شدن فیلدها برای هر گیرنده جدا حساب می‌شود.",
        "The real length is counted for each recipient once fields are filled.",
    ),
}
