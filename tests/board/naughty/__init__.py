"""Texts that break programs: the Big List of Naughty Strings, and what we added for terminals.

`strings.txt` is the list of https://github.com/minimaxir/big-list-of-naughty-strings at commit db33ec7, one string a
line in base64, so that no editor harms it. It is Max Woolf's, under the MIT licence beside it.
"""

from __future__ import annotations

import base64
from pathlib import Path

PAYLOAD = "PWNED"
"""Stands in every control sequence of ours, so that one that got through is found."""

_ORDERS = (
    "\x1b[5;8;35mPWNED",  # blinking, hidden, magenta: the board never uses them
    "\x1b]0;PWNED\x07",
    "\x1b]2;PWNED\x1b\\",
    "\x1b]52;c;UFdORUQ=\x07PWNED",  # the clipboard
    "\x1b]8;;https://evil.example/PWNED\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]9;PWNED\x07\x1b]777;notify;PWNED;x\x07\x1b]99;;PWNED\x1b\\",
    "\x1b]1337;File=PWNED\x07",
    "\x1bPtmux;\x1b\x1b]52;c;UFdORUQ=\x07PWNED\x1b\\",
    "\x1b_PWNED\x1b\\ \x1b^PWNED\x1b\\ \x1bXPWNED\x1b\\",
    "\x1b[2J\x1b[HPWNED\x1b[?1049l\x1b[?25h",
    "\x1b[20CPWNED\x1b[99;99HPWNED",
    "\x1bcPWNED",
    "\x1b(0PWNED\x0ePWNED\x0f",
    "\x1b[6nPWNED\x1b[c\x1b[>q\x05",  # questions that a terminal answers by typing
    "\x1b[200~PWNED\x1b[201~",
    "\x9b35mPWNED\x9d0;PWNED\x9c\x90PWNED\x9c",
    "a\x00b\x07c\x08d\x0be\x0cf\x0dg\x7fh PWNED",
    "first\r\nsecond\rthird\x85fourth\u2028fifth PWNED",
    "\tone\ttwo\t PWNED",
)
_DIRECTIONS = (
    "invoice\u202efdp.exe PWNED",
    "\u2066a\u2067b\u2068c\u2069d PWNED",
    "\u200e\u200fmarks\u061c PWNED",
    "\u202a\u202b\u202c\u202d PWNED",
    "שלום עולם export 42",
    "تقرير الإنتاج 2026",
)
_MARKUP = (
    "[bold red]PWNED[/]",
    "[/nope] PWNED",
    "[@click=app.quit]PWNED[/]",
    "[link=https://evil.example]PWNED[/link]",
    "\\[x] [[y]] [ ] [[[",
    ":smile: **bold** <b>html</b> &amp;",
    "%s %(name)s {0} {x!r} ${HOME} `id` $(id)",
)
_WIDTHS = (
    "夜間バックアップ検証ジョブ 東京工場",
    "ｆｕｌｌ　ｗｉｄｔｈ ﾊﾝｶｸ",
    "👩‍👩‍👧‍👦 family, 👍🏽 thumb, ❤️ heart, 🏳️‍🌈 flag, 🇩🇪🇫🇷 flags, 1️⃣ keycap",
    "e\u0301 a\u0308\u0323 n\u0303" + "\u0336" * 3 + " struck",
    "Z" + "\u0311\u0342\u035b" * 12 + "algo",
    "\u0300leading mark",
    "zero\u200bwidth\ufeff\u2060joined\u00adsoft",
    "क्षत्रिय മലയാളം ไทย",
    "한글 자모 \u1112\u1161\u11ab",
    "\U000e0041\U000e0042 tags \ufff9a\ufffab\ufffb",
    "\ud800 lone \udfff",
    "\U0010ffff \ufffe \ue000 \uf8ff private",
    "☺ ☻ ✂ ✈ ⌚ ⏳ Ⓜ ㊗ 🀄 🃏",
    "x" * 700,
    "漢" * 400,
    "",
    " ",
)

OURS = (*_ORDERS, *_DIRECTIONS, *_MARKUP, *_WIDTHS)


def naughty_strings() -> tuple[str, ...]:
    """The 515 of the list, then ours."""
    lines = (Path(__file__).parent / "strings.txt").read_text("ascii").split("\n")[:-1]
    return (*(base64.b64decode(line).decode() for line in lines), *OURS)
