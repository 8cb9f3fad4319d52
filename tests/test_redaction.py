"""No secret of a URL is shown, however it is written; what is no secret stays, where it can be told."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hub.redaction import _HOST, find_host, mask_proxy, mask_text, redact_text, redact_url

# Characters that end a URL in a text, or have a meaning of their own in it.
_OTHERS = st.characters(exclude_categories=["Cs", "Z", "Cc"], exclude_characters="\"'<>@/?#.")
_HARD = st.text(st.one_of(_OTHERS, st.sampled_from("@/?#.:=&")), max_size=8)


@pytest.mark.parametrize(
    ("url", "redacted", "masked"),
    [
        ("https://example.org/a@b/c", None, None),
        ("https://example.org:8080/@scope/a", None, None),
        ("http://LOCALHOST:1/@scope/a", None, None),
        ("http://127.0.0.1/@scope/a", None, None),
        ("http://[::1]:80/@scope/a", None, None),
        ("https://token@example.org/", "https://example.org/", "https://***@example.org/"),
        ("https://a:se@cret@example.org", "https://example.org", "https://***@example.org"),
        ("https://a:se/cret@example.org:1/", "https://example.org:1/", "https://***@example.org:1/"),
        ("https://a:12/cret@example.org", "https://example.org", "https://***@example.org"),
        ("https://a:se?cret@example.org/", "https://example.org/", "https://***@example.org/"),
        ("https://a:se#cret@example.org/", "https://example.org/", "https://***@example.org/"),
        ("https://to/ken@example.org/", "https://example.org/", "https://***@example.org/"),
        ("https://to://ken@example.org/", "https://example.org/", "https://***@example.org/"),
        ("https://a.b:cret/x@example.org", "https://example.org", "https://***@example.org"),
        ("https://example.org@evil.org/", "https://evil.org/", "https://***@evil.org/"),
        ("https://example.org/?key=secret", "https://example.org/", "https://example.org/?***"),
        ("https://example.org/a#token", "https://example.org/a", "https://example.org/a#***"),
        ("https://example.org/?a=b@c", "https://example.org/", "https://example.org/?***"),
        ("//me:secret@example.org/", "//example.org/", "//***@example.org/"),
        ("https://a.org/=https://b:c@d.org/", "https://a.org/=https://d.org/",
         "https://a.org/=https://***@d.org/"),
        (r"https:\\me:secret@a.org/x", r"https:\\a.org/x", r"https:\\***@a.org/x"),
        (r"HTTPS:\/me:se\cret@a.org/x", r"HTTPS:\/a.org/x", r"HTTPS:\/***@a.org/x"),
        (r"https://a.org\me:secret@b.org/", "https://b.org/", "https://***@b.org/"),
        ("http:/me:secret@a.org/x", "http:/a.org/x", "http:/***@a.org/x"),
        ("https:/a.org/@scope", None, None),
        (r"C:\me@home\a.ckpt", None, None),
    ],
)  # fmt: skip
def test_logins_and_queries_are_hidden_and_what_is_none_stays(
    url: str, redacted: str | None, masked: str | None
) -> None:
    assert redact_url(url) == (redacted or url)
    assert (
        redact_text(f"see '{url}' or <{url}>") == f"see '{redacted or url}' or <{redacted or url}>"
    )
    assert mask_text(f"see '{url}' or <{url}>") == f"see '{masked or url}' or <{masked or url}>"


def test_what_may_be_a_host_or_a_login_is_hidden() -> None:
    assert redact_url("https://mirror/@scope/a") == "https://scope/a"


def test_a_url_alone_may_hold_blanks_and_quotes() -> None:
    assert redact_url("https://me:se cr'et@example.org/a?key=sec ret") == "https://example.org/a"


@pytest.mark.parametrize("text", ["", "is it there? see a@b", "no url", "MindSpore/b0@2.5"])
def test_a_text_without_urls_stays(text: str) -> None:
    assert redact_text(text) == mask_text(text) == text


def test_a_query_behind_a_path_alone_is_hidden() -> None:
    text = "Max retries exceeded with url: /a.ckpt?key=secret (Caused by x)"
    assert redact_text(text) == text.replace("?key=secret", "")
    assert mask_text(text) == text.replace("key=secret", "***")


@given(login=_HARD, host=st.sampled_from(["example.org", "mirror:1", "[::1]"]), path=_HARD)
@example(login="me:pa/ss", host="example.org", path="/x")
@example(login="\\", host="example.org", path="")
@example(login="example.org:443:/a.b", host="example.org", path="#token=a")
def test_no_part_of_a_login_survives(login: str, host: str, path: str) -> None:
    path = path.replace("@", "")
    secret = f"{login}se.cret"
    assume(
        not re.match(rf"[/\\]*{_HOST}[/?#]", f"{secret}:")
    )  # then the login is a path, by the rule
    url = f"https://{secret}:\N{SNOWMAN}/x@{host}/{path}"
    for shown in (redact_url(url), redact_text(f"in '{url}'."), mask_text(f"in '{url}'.")):
        assert "\N{SNOWMAN}" not in shown.replace(path, "")
        assert "se.cret" not in shown
    assert find_host(f"https://me:{secret}@{host}/{path}") == host
    assert "se.cret" not in mask_proxy(url) + mask_proxy(url.removeprefix("https://"))


@given(before=_HARD, mark=st.sampled_from("?#"), after=_HARD)
def test_nothing_behind_a_question_mark_or_a_hash_survives(
    before: str, mark: str, after: str
) -> None:
    url = f"https://example.org/{before}{mark}{after}\N{SNOWMAN}{after}"
    for shown in (redact_url(url), redact_text(f"in {url} or"), mask_text(f"in {url} or")):
        assert "\N{SNOWMAN}" not in shown


def test_a_megabyte_of_slashes_costs_no_time() -> None:
    for text in (
        "/" * 1_000_000,
        "//" + "a." * 500_000 + "@",
        "//a" * 300_000 + "@",
        "https:" + "\\" * 1_000_000,
    ):
        assert len(mask_text(f"{text}b")) <= len(text) + 5


@pytest.mark.parametrize(
    ("proxy", "masked"),
    [
        ("proxy:3128", "proxy:3128"),
        ("ada:se/cr@et@proxy:3128", "***@proxy:3128"),
        ("socks5://ada:se/cr@et@proxy", "socks5://***@proxy"),
        ("ada:se://cret@proxy", "***@proxy"),
        ("http://proxy:1/?key=secret", "http://proxy:1/?***"),
    ],
)
def test_a_proxy_is_shown_without_its_login(proxy: str, masked: str) -> None:
    assert mask_proxy(proxy) == masked


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org:8443/@a", "example.org:8443"),
        ("https://me:pa/ss@example.org/a", "example.org"),
        ("https://[::1", ""),
        ("a.ckpt", ""),
    ],
)
def test_the_host_of_a_url_is_found_without_its_login(url: str, host: str) -> None:
    assert find_host(url) == host
