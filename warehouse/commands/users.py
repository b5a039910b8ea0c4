"""``yibao users``: the local accounts, their roles and scopes. Passwords never stand on the command line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from warehouse.commands.console import As, Home, deciding, out, tell
from warehouse.settings import load_settings
from warehouse.texts import Refused, Text

app = typer.Typer(
    help="账户：角色、数据范围、密码、锁定。/ Accounts: roles, scopes, passwords, locks.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="账户名 / the account's name")]
Role = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="leader | planner | statistician | operator")
]
Scope = Annotated[
    str, typer.Option("--scope", metavar="CODE", help="province，或市县区划代码 / or a county's region code")
]


@app.command()
def add(name: Name, role: Role, scope: Scope = "province", actor: As = None, home: Home = None) -> None:
    """建立账户；初始密码由提示或标准输入读取，首次登录时须更改。/ Make an account; asks for its first password.

    例 / example: yibao users add wanglili --role statistician --scope 460100 --as admin
    """
    from warehouse.control.accounts import add_account

    password = _password()  # before the lock is taken: nobody waits for somebody who types
    with deciding(home) as settings:
        account = add_account(settings, name, role, scope, password)
    tell(Text(f"已建立账户 {account.name}", f"made the account {account.name}"))


@app.command("list")
def list_(home: Home = None) -> None:
    """列出账户。/ List the accounts."""
    from warehouse.control.accounts import ROLES, accounts
    from warehouse.control.scopes import scopes

    table = Table("账户 name", "角色 role", "范围 scope", "状态 state", "建立 made")
    found = accounts(load_settings(home))
    for each in found:
        state = Text("正常", "active")
        if each.removed_at:
            state = Text("已移除", "removed")
        elif each.is_locked:
            state = Text("已锁定", "locked")
        elif each.must_change:
            state = Text("待改初始密码", "first password to be changed")
        table.add_row(
            each.name,
            f"{each.role} {ROLES[each.role].zh}",
            f"{each.scope} {scopes()[each.scope].zh}",
            str(state),
            each.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        )
    nobody = Text("没有账户：本机单用户模式。", "There is no account: single-user mode.")
    out.print(table if found else str(nobody))


@app.command()
def role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="leader | planner | statistician | operator")],
    actor: As = None,
    home: Home = None,
) -> None:
    """更改角色；该账户须重新登录。/ Change the role; the account must log in again."""
    from warehouse.control.accounts import set_role

    with deciding(home) as settings:
        set_role(settings, name, role)
    tell(Text(f"{name} 的角色改为 {role}", f"{name} is now {role}"))


@app.command()
def scope(
    name: Name,
    scope: Annotated[str, typer.Argument(metavar="CODE", help="province 或区划代码 / or a region code")],
    actor: As = None,
    home: Home = None,
) -> None:
    """更改数据范围；该账户须重新登录。/ Change the scope; the account must log in again."""
    from warehouse.control.accounts import set_scope

    with deciding(home) as settings:
        set_scope(settings, name, scope)
    tell(Text(f"{name} 的数据范围改为 {scope}", f"the scope of {name} is now {scope}"))


@app.command()
def reset(name: Name, actor: As = None, home: Home = None) -> None:
    """重设密码（提示或标准输入）；下次登录时须更改。/ Set a password that must be changed at the next login."""
    from warehouse.control.accounts import reset_password

    password = _password()
    with deciding(home) as settings:
        reset_password(settings, name, password)
    tell(Text(f"已重设 {name} 的密码", f"the password of {name} was set"))


@app.command()
def lock(name: Name, actor: As = None, home: Home = None) -> None:
    """锁定账户并结束其登录。/ Lock an account and end its logins."""
    from warehouse.control.accounts import lock_account

    with deciding(home) as settings:
        lock_account(settings, name)
    tell(Text(f"已锁定 {name}", f"{name} is locked"))


@app.command()
def unlock(name: Name, actor: As = None, home: Home = None) -> None:
    """解除锁定，包括多次登录失败后的锁定。/ End a lock, also one after failed logins."""
    from warehouse.control.accounts import unlock_account

    with deciding(home) as settings:
        unlock_account(settings, name)
    tell(Text(f"已解除 {name} 的锁定", f"{name} is unlocked"))


@app.command()
def remove(name: Name, actor: As = None, home: Home = None) -> None:
    """移除账户；所作决定仍记在其名下，名称不再使用。/ Remove an account; its name is not given again."""
    from warehouse.control.accounts import remove_account
    from warehouse.control.actor import is_single_user

    with deciding(home) as settings:
        remove_account(settings, name)
        is_last = is_single_user(settings)
    tell(Text(f"已移除 {name}", f"removed {name}"))
    if is_last:
        tell(Text("已没有账户：回到本机单用户模式。", "No account is left: single-user mode again."))


def _password() -> str:
    """A password typed twice without being shown, or the first line of standard input."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise Refused("标准输入中没有密码。", "Standard input holds no password.")
        return line
    shown = str(Text("密码", "Password"))
    again = str(Text("再输一次", "Once more"))
    typed: str = typer.prompt(shown, hide_input=True)
    if typer.prompt(again, hide_input=True) != typed:
        raise Refused("两次输入的密码不同。", "The two passwords differ.")
    return typed
