"""The words of the account's pages: its people, and whose account an administrator looks at."""

WORDS: dict[str, tuple[str, str]] = {  # key: (Persian, English)
    "section_account": ("حساب", "Account"),
    "page_users": ("کاربران", "Users"),
    "users_title": ("کاربران حساب", "Users of the account"),
    "users_about": (
        "هر کس با نام و نقش خودش وارد می‌شود؛ نقش می‌گوید چه می‌تواند بکند.",
        "Everybody signs in under a name and a role of their own; the role says what they may do.",
    ),
    "users_new": ("کاربر تازه", "New user"),
    "users_count": ("{n} کاربر", "{n} users"),
    "users_empty": (
        "همکارانتان را بیاورید تا گذرواژه‌ای دست‌به‌دست نشود.",
        "Let your colleagues in, so that no password is handed around.",
    ),
    "users_example": ("مینا کریمی – بازاریاب", "Mina Karimi – marketer"),
    "users_example_name": ("مینا کریمی", "Mina Karimi"),
    "users_done": ("«{who}» ذخیره شد.", "{who} was saved."),
    "users_password_is": (
        "گذرواژهٔ «{who}»: {password} – همین یک بار دیده می‌شود؛ آن را به او بدهید.",
        "The password of {who}: {password} – it is shown this once; hand it over.",
    ),
    "users_give_role": ("نقش دیگر", "Another role"),
    "users_give_role_sure": (
        "نقش{who} عوض می‌شود؛ از کار بعدی‌اش به کار می‌آید.",
        "The role changes{who}; it holds from the next thing they do.",
    ),
    "users_give_password": ("گذرواژهٔ دیگر", "Another password"),
    "users_give_password_sure": (
        "گذرواژه{who} عوض می‌شود و نشست‌های بازش هم‌اکنون پایان می‌یابد.",
        "The password changes{who}, and every open session of theirs ends now.",
    ),
    "users_suspend": ("تعلیق", "Suspend"),
    "users_suspend_sure": (
        "{n} کاربر{who} هم‌اکنون از سامانه بیرون می‌روند و تا بازگشت نمی‌توانند وارد شوند.",
        "{n} users{who} are signed out now and cannot sign in until they are restored.",
    ),
    "users_restore": ("بازگرداندن", "Restore"),
    "users_restore_sure": (
        "{n} کاربر{who} دوباره می‌توانند با گذرواژهٔ پیشین وارد شوند.",
        "{n} users{who} can sign in again by their old passwords.",
    ),
    "user_active": ("فعال", "Active"),
    "user_suspended": ("معلق", "Suspended"),
    "act_as_go": ("دیدن", "See it"),
    "act_as": ("دیدن به جای حساب", "See as an account"),
    "act_as_help": (
        "سامانه را همان‌گونه ببینید که این حساب می‌بیند؛ داده و پول از آنِ اوست و هر کار به نام شما ثبت می‌شود.",
        "See the panel as that account does: data and money are theirs; all you do is written down as yours.",
    ),
    "acting_banner": (
        "به جای «{account}»: داده و پول از آنِ اوست (اعتبار {credit})؛ هر کار به نام {name} ثبت می‌شود.",
        "As {account}: its data and its money (credit {credit}); all you do is written down as {name}.",
    ),
}
