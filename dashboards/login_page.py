"""The HTML of the login: three small forms that need neither scripts nor files."""

from __future__ import annotations

from html import escape

from warehouse.control.passwords import LONGEST, SHORTEST
from warehouse.texts import Text

STYLE = """
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #F4F6F9; color: #1B2733;
  font: 15px/1.6 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif; }
main { width: min(24rem, 90vw); background: #FFFFFF; border: 1px solid #D5DDE5; border-radius: 6px;
  padding: 1.5rem 2rem 2rem; }
h1 { font-size: 1.3rem; margin: 0 0 .2rem; }
p { margin: .2rem 0 1rem; }
small, label span { color: #4A5866; }
label { display: block; margin: .8rem 0 0; }
input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; border: 1px solid #8A97A5;
  border-radius: 6px; }
a { color: #1F4E79; }
button { margin-top: 1.2rem; width: 100%; padding: .6rem; font: inherit; color: #FFFFFF; background: #1F4E79;
  border: 0; border-radius: 6px; cursor: pointer; }
:focus-visible { outline: 3px solid #7FB2E5; outline-offset: 1px; }
.refused { border-left: 4px solid #B3261E; padding-left: .7rem; }
"""
NAME = Text("账户名", "Name")
PASSWORD = Text("密码", "Password")
OLD = Text("原密码", "Present password")
NEW = Text("新密码", "New password")
NOT_AVAILABLE = Text("不能打开", "Not available")
NO_PAGE_TITLE = Text("没有这一页", "No such page")
NO_RIGHT_TITLE = Text("没有权限", "No permission")
HOME = Text("回首页", "To the first page")
AGAIN = Text("再输一次新密码", "New password once more")


def login_form(path: str, refused: Text | None) -> str:
    """Name and password; ``path`` is where to go afterwards."""
    return _page(
        Text("登录", "Log in"),
        Text("请用运维给你的账户登录。", "Use the account the operator gave you."),
        refused,
        _field(NAME, "name", "text", "username")
        + _field(PASSWORD, "password", "password", "current-password")
        + f'<input type="hidden" name="next" value="{escape(path)}">',
        "/login",
        Text("登录", "Log in"),
    )


def password_form(refused: Text | None) -> str:
    """The change of the password, forced at the first login."""
    kinds = Text(
        f"{SHORTEST} 到 {LONGEST} 个字符，含大写、小写、数字、其他字符中的三种。初始密码须更改后才能使用。",
        f"{SHORTEST} to {LONGEST} characters of three kinds. A first password must be changed before use.",
    )
    return _page(
        Text("更改密码", "Change the password"),
        kinds,
        refused,
        _field(OLD, "old", "password", "current-password")
        + _field(NEW, "new", "password", "new-password")
        + _field(AGAIN, "again", "password", "new-password"),
        "/password",
        Text("更改", "Change"),
    )


def logout_form() -> str:
    """The question before a logout, so that no link of another site can log somebody out."""
    return _page(
        Text("退出登录", "Log out"),
        Text("退出后须重新登录。", "You will have to log in again."),
        None,
        "",
        "/logout",
        Text("退出", "Log out"),
    )


def notice(why: Text, title: Text = NOT_AVAILABLE, *, is_open: bool = False) -> str:
    """A page that says why nothing is shown; where other pages are open, with the way to the first of them."""
    return _page(title, why, None, "", None, None, is_open=is_open)


def _page(
    title: Text,
    words: Text,
    refused: Text | None,
    fields: str,
    target: str | None,
    button: Text | None,
    *,
    is_open: bool = False,
) -> str:
    why = f'<p class="refused" role="alert">{_both(refused)}</p>' if refused else ""
    home = f'<p><a href="/">{_both(HOME)}</a></p>' if is_open else ""
    form = ""
    if target and button:
        form = f'<form method="post" action="{target}">{fields}<button>{_both(button)}</button></form>'
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>医保数仓 · {escape(title.zh)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>医保数仓 · {_both(title)}</h1><p>{escape(words.zh)}<br><small>{escape(words.en)}</small></p>"
        f"{why}{form}{home}</main></body></html>"
    )


def _field(label: Text, name: str, kind: str, filled_by: str) -> str:
    return (
        f"<label>{escape(label.zh)} <span>{escape(label.en)}</span>"
        f'<input name="{name}" type="{kind}" autocomplete="{filled_by}" maxlength="200" required></label>'
    )


def _both(text: Text) -> str:
    return f"{escape(text.zh)} · {escape(text.en)}"
