"""Messages go out once per episode and channel, whatever the receiver does, and tell no secret."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import Command
from receivers import HttpReceiver, MailReceiver, free_port, http_receiver, mail_receiver, make_certificate

from warehouse.alerts.channels import read_channels
from warehouse.alerts.deliver import MOST_TRIES, Sent, deliveries, has_due, message_of, send_alerts, send_test
from warehouse.alerts.episodes import Finding, all_episodes, changing_episodes, open_episodes, settle
from warehouse.control.models import AlertDelivery
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused, Text

Found = Callable[..., Finding]
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def post() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def configure(settings: Settings, **channels: dict[str, Any]) -> None:
    settings.alert_channels.unlink(missing_ok=True)
    settings.alert_channels.touch(0o600)
    settings.alert_channels.write_text(yaml.safe_dump(channels), encoding="utf-8")


def webhook(receiver: HttpReceiver, **more: Any) -> dict[str, Any]:
    return {"url": receiver.url, "timeout_seconds": 0.5, **more}


def smtp(port: int, **more: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "sender": "yibao@example.org",
        "recipients": ["duty@example.org", "head@example.org"],
        "timeout_seconds": 1,
        **more,
    }


def see(settings: Settings, *findings: Finding, days: int = 0) -> None:
    with changing_episodes(settings) as session:
        settle(session, findings, [], f"R{days}", START + timedelta(days=days))


def send(settings: Settings, **options: Any) -> tuple[Sent, list[str], list[float]]:
    said: list[str] = []
    pauses: list[float] = []
    done = send_alerts(settings, lambda text: said.append(str(text)), pause=pauses.append, **options)
    return done, said, pauses


def later(settings: Settings) -> None:
    """Let the waits between calls pass."""
    with changing_episodes(settings) as session:
        for each in session.query(AlertDelivery):
            each.tried_at -= timedelta(days=1)


def test_one_message_when_it_opens_none_while_it_lasts_one_when_it_is_resolved(
    bare_home: Settings, hook: HttpReceiver, post: MailReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook), smtp=smtp(post.port))
    see(bare_home, found())
    assert send(bare_home)[0] == Sent(sent=2)
    see(bare_home, found(), days=1)
    assert send(bare_home)[0] == Sent()
    see(bare_home, days=2)
    assert send(bare_home)[0] == Sent(sent=2)
    assert send(bare_home)[0] == Sent()
    assert [each["occasion"] for each in hook.received] == ["opened", "resolved"]
    assert hook.received[0]["message"] == {"zh": "a 越线", "en": "a is red"}
    assert hook.received[1]["resolved_at"] is not None
    opened, closed = post.mails
    assert "新 · 严重 · 指标越过红线" in opened["Subject"]
    assert "a 越线" in opened.get_content()
    assert "已解除" in closed["Subject"]
    assert opened["To"] == "duty@example.org, head@example.org"
    see(bare_home, found(), days=3)
    assert send(bare_home)[0] == Sent(sent=2)
    assert len(set(hook.keys)) == 3


def test_an_episode_that_ended_before_it_was_told_is_not_told(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    see(bare_home, found("gone"), found("here"))
    see(bare_home, found("here"), days=1)
    configure(bare_home, webhook=webhook(hook))
    assert send(bare_home)[0] == Sent(sent=1)
    assert [each["message"]["zh"] for each in hook.received] == ["here 越线"]


def test_only_alerts_that_are_severe_enough_are_sent(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    see(bare_home, found("n", "check_warned", "info"), found("w", "indicator_amber", "warning"), found("c"))
    configure(bare_home, webhook=webhook(hook, least_severity="critical"))
    send(bare_home)
    assert [each["severity"] for each in hook.received] == ["critical"]
    configure(bare_home, webhook=webhook(hook))
    send(bare_home)
    assert [each["severity"] for each in hook.received] == ["critical", "warning"]


def test_a_receiver_that_stumbles_is_tried_again_with_growing_pauses(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found())
    hook.answers = [500, 503]
    done, _, pauses = send(bare_home)
    assert done == Sent(sent=1)
    assert pauses == [1.0, 4.0]
    assert len(hook.received) == 3
    assert len(set(hook.keys)) == 1
    ((delivery,),) = deliveries(bare_home).values()
    assert (delivery.state, delivery.tries, delivery.outcome) == ("sent", 3, "HTTP 200")


def test_a_receiver_that_fails_is_left_alone_for_a_while_and_given_up_in_the_end(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found("a"), found("b"))
    hook.answers = [500] * 100
    done, said, _ = send(bare_home)
    assert done == Sent(failed=1)
    assert any("HTTP 500" in each for each in said)
    assert len(hook.received) == 3
    assert has_due(bare_home)
    send(bare_home)
    assert not has_due(bare_home)
    assert send(bare_home)[0] == Sent()
    for _ in range(2 * MOST_TRIES):
        later(bare_home)
        send(bare_home)
    assert {each.tries for listed in deliveries(bare_home).values() for each in listed} == {MOST_TRIES}
    before = len(hook.received)
    later(bare_home)
    assert send(bare_home)[0] == Sent()
    assert len(hook.received) == before == 2 * MOST_TRIES
    hook.answers = []
    assert send(bare_home, again=True)[0] == Sent(sent=2)


def test_a_message_that_is_refused_for_good_does_not_hold_up_the_others(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found("a"), found("b"))
    hook.answers = [400]
    assert send(bare_home)[0] == Sent(sent=1, failed=1)
    assert len(hook.received) == 2


def test_a_redirect_is_not_followed(bare_home: Settings, hook: HttpReceiver, found: Found) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found())
    hook.answers = [302]
    assert send(bare_home)[0] == Sent(failed=1)
    assert len(hook.received) == 1


def test_a_receiver_that_hangs_costs_the_time_of_one_message_and_not_the_other_channel(
    bare_home: Settings, hook: HttpReceiver, post: MailReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook), smtp=smtp(post.port))
    see(bare_home, found("a"), found("b"), found("c"))
    hook.hang = True
    started = time.monotonic()
    done, said, _ = send(bare_home, rounds=1)
    assert time.monotonic() - started < 4
    assert done == Sent(sent=3, failed=1)
    assert any("TimeoutError" in each for each in said)
    assert len(hook.received) == 1
    assert len(post.mails) == 3


def test_a_mail_server_that_never_speaks_is_given_up_in_time(bare_home: Settings, found: Found) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(bare_home, smtp=smtp(silent.getsockname()[1], timeout_seconds=0.3))
        see(bare_home, found())
        started = time.monotonic()
        assert send(bare_home, rounds=1)[0] == Sent(failed=1)
        assert time.monotonic() - started < 3


def test_a_server_that_drips_cannot_stretch_the_time_out(bare_home: Settings, found: Found) -> None:
    """Each byte comes within the time-out of a read; the whole is bounded as well."""
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for _ in range(60):
                        connection.sendall(b"2")
                        time.sleep(0.1)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        configure(bare_home, smtp=smtp(server.getsockname()[1], timeout_seconds=0.3))
        see(bare_home, found())
        started = time.monotonic()
        assert send(bare_home, rounds=1)[0] == Sent(failed=1)
        assert time.monotonic() - started < 2


def test_a_mail_that_is_refused_is_told_by_its_code_only(
    bare_home: Settings, post: MailReceiver, found: Found
) -> None:
    configure(bare_home, smtp=smtp(post.port))
    see(bare_home, found())
    post.refuse = "554 no room for duty@example.org"
    done, said, _ = send(bare_home)
    assert done == Sent(failed=1)
    ((delivery,),) = deliveries(bare_home).values()
    assert (delivery.outcome, delivery.tries) == ("SMTP 554", 1)
    assert not any("example.org" in each for each in said)


def test_nobody_listening_is_said_by_its_kind(bare_home: Settings, found: Found) -> None:
    configure(bare_home, webhook={"url": f"http://127.0.0.1:{free_port()}/?token=SECRET-TOKEN"})
    see(bare_home, found())
    done, said, _ = send(bare_home)
    assert done == Sent(failed=1)
    ((delivery,),) = deliveries(bare_home).values()
    assert delivery.outcome == "ConnectionRefusedError"
    assert not any("SECRET" in each for each in said)


def test_what_a_killed_process_was_sending_is_sent_with_the_same_id(
    bare_home: Settings, hook: HttpReceiver, found: Found
) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found())
    hook.hang = True
    child = os.fork()
    if child == 0:
        send_alerts(bare_home, lambda _: None, rounds=1)
        os._exit(0)
    deadline = time.monotonic() + 10
    while not hook.received and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    ((delivery,),) = deliveries(bare_home).values()
    assert delivery.state == "sending"
    hook.hang = False
    assert send(bare_home)[0] == Sent(sent=1)
    assert len(hook.received) == 2
    assert hook.keys[0] == hook.keys[1]


def test_two_processes_do_not_send_at_once(bare_home: Settings, hook: HttpReceiver, found: Found) -> None:
    configure(bare_home, webhook=webhook(hook))
    see(bare_home, found())
    with (bare_home.home / "alerts.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            send(bare_home)
    assert hook.received == []
    assert send(bare_home)[0] == Sent(sent=1)


@needs_openssl
def test_certificates_are_verified(bare_home: Settings, certificate: Path, found: Found) -> None:
    with http_receiver(certificate) as hook, mail_receiver(certificate) as post:
        see(bare_home, found())
        configure(bare_home, webhook=webhook(hook), smtp=smtp(post.port))
        done, said, _ = send(bare_home)
        assert done == Sent(failed=2)
        assert sum("certificate" in each for each in said) == 2
        assert (hook.received, post.mails) == ([], [])
        ca_file = str(certificate)
        configure(bare_home, webhook=webhook(hook, ca_file=ca_file), smtp=smtp(post.port, ca_file=ca_file))
        assert send(bare_home, again=True)[0] == Sent(sent=2)
        assert post.was_secret == [True]


@needs_openssl
def test_a_password_comes_from_the_environment_and_goes_over_tls(
    bare_home: Settings, certificate: Path, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_receiver(certificate, asks_for_login=True) as post:
        see(bare_home, found())
        login = {"user": "yibao", "password_env": "YIBAO_TEST_MAIL", "ca_file": str(certificate)}
        configure(bare_home, smtp=smtp(post.port, **login))
        done, said, _ = send(bare_home)
        assert done == Sent(failed=1)
        assert any("not set" in each for each in said)
        monkeypatch.setenv("YIBAO_TEST_MAIL", "right horse")
        assert send(bare_home, again=True)[0] == Sent(sent=1)
        assert post.logins == [("yibao", "right horse")]
        assert "right horse" not in bare_home.alert_channels.read_text()


def test_starttls_can_be_demanded(bare_home: Settings, post: MailReceiver, found: Found) -> None:
    configure(bare_home, smtp=smtp(post.port, security="starttls"))
    see(bare_home, found())
    done, said, _ = send(bare_home)
    assert done == Sent(failed=1)
    assert any("STARTTLS" in each for each in said)
    assert post.mails == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("webhook: {url: 'http://alerts.example.org/?token=SECRET-TOKEN'}", "webhook"),
        ("webhook: {url: 'ftp://x/SECRET-TOKEN'}", "webhook"),
        ("webhook: {url: 'https://x/', password: SECRET-TOKEN}", "password"),
        ("smtp: {host: h, sender: nobody, recipients: [a@b]}", "smtp.sender"),
        ('smtp: {host: h, sender: "a@b\\r\\nBcc: c@d", recipients: [a@b]}', "smtp.sender"),
        ("smtp: {host: h, sender: a@b, recipients: []}", "smtp.recipients"),
        ("pager: {}", "pager"),
        ("webhook: [SECRET-TOKEN", "Parser"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_without_quoting_it(
    bare_home: Settings, content: str, named: str
) -> None:
    bare_home.alert_channels.touch(0o600)
    bare_home.alert_channels.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"alerts\.yml") as refusal:
        read_channels(bare_home)
    assert named in refusal.value.text.en
    assert "SECRET" not in refusal.value.text.en


def test_a_file_that_others_may_read_is_refused(bare_home: Settings, hook: HttpReceiver) -> None:
    configure(bare_home, webhook=webhook(hook))
    bare_home.alert_channels.chmod(0o640)
    with pytest.raises(Refused, match="chmod 600"):
        read_channels(bare_home)


def test_a_test_message_goes_out_without_an_episode(
    bare_home: Settings, hook: HttpReceiver, post: MailReceiver
) -> None:
    configure(bare_home, webhook=webhook(hook))
    assert send_test(bare_home, "webhook").is_sent
    assert hook.received[0]["occasion"] == "test"
    with pytest.raises(Refused, match="smtp"):
        send_test(bare_home, "smtp")
    configure(bare_home, smtp=smtp(post.port))
    assert send_test(bare_home, "smtp").is_sent
    assert "测试" in post.mails[0]["Subject"]
    assert all_episodes(bare_home) == []


def test_a_message_holds_the_episodes_words_and_nothing_else(bare_home: Settings, found: Found) -> None:
    see(bare_home, found())
    (episode,) = open_episodes(bare_home)
    message = message_of(episode, "opened")
    assert set(message.content) == {
        "occasion",
        "episode",
        "rule",
        "severity",
        "name",
        "message",
        "value",
        "first_seen_at",
        "resolved_at",
        "release",
    }
    assert not any(
        name in json.dumps(message.content) for name in ("psn_no", "psn_key", "psn_name", "certno")
    )
    assert "\n" not in message.subject


def test_a_home_without_channels_sends_nothing(bare_home: Settings, found: Found) -> None:
    see(bare_home, found())
    said: list[Text] = []
    assert send_alerts(bare_home, said.append) == Sent()
    assert (said, deliveries(bare_home)) == ([], {})


def test_the_command_lists_sends_and_tests(tmp_path: Path, yibao: Command, hook: HttpReceiver) -> None:
    home = tmp_path / "home"
    assert yibao("init", "--home", home).returncode == 0
    settings = Settings(home=home, control_url=f"sqlite:///{home / 'control.sqlite'}")
    listed = yibao("alerts", "--home", home)
    assert "还没有评估过" in listed.stdout
    settings.failed_build.parent.mkdir(exist_ok=True)
    settings.failed_build.write_text(json.dumps({"failed": ["model dim_reference__region"]}))
    checked = yibao("alerts", "check", "--home", home)
    assert (checked.returncode, "新增 1" in checked.stdout) == (0, True)
    assert "dim_reference__region" in yibao("alerts", "--home", home).stdout
    nowhere = yibao("alerts", "test", "--channel", "smtp", "--home", home)
    assert nowhere.returncode == 1
    assert "alerts.yml" in nowhere.stderr
    configure(settings, webhook=webhook(hook))
    assert yibao("alerts", "test", "--channel", "webhook", "--home", home).returncode == 0
    sent = yibao("alerts", "send", "--home", home)
    assert sent.returncode == 0, sent.stderr
    assert "发出 1 条" in sent.stdout
    assert "webhook ✓" in yibao("alerts", "--home", home).stdout
    settings.failed_build.unlink()
    assert "发出 1 条" in yibao("alerts", "send", "--home", home).stdout
    assert "0 条未解除" in yibao("alerts", "--home", home).stdout
    assert "解除" in yibao("alerts", "--all", "--home", home).stdout
    hook.answers = [500]
    failing = yibao("alerts", "test", "--channel", "webhook", "--home", home)
    assert (failing.returncode, "HTTP 500" in failing.stderr) == (1, True)
    assert "SECRET" not in failing.stderr
    assert yibao("alerts", "test", "--channel", "pigeon", "--home", home).returncode == 2
