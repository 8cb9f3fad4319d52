"""Rules about versions, dates, booleans and links."""

import pytest


@pytest.mark.parametrize("version", ["v2.5", "2.x", "banana", "2.5.0.1.2", "1.1.", "02.5"])
def test_what_cannot_be_compared_is_no_version(check, card_with, version):
    (found,) = check(card_with("model-version: 2.5", f"model-version: {version}"))
    assert (found.code, found.key, found.place) == (
        "MC301",
        "model-version",
        f"8:16-{16 + len(version)}",
    )
    assert found.message == f"{version} is no version; write numbers and dots, such as 2.5"


@pytest.mark.parametrize("version", ["2", "2.5", "2.5.1", "1.2.3.4", "0.1", "'1.10'"])
def test_numbers_with_dots_are_versions(check, card_with, version):
    assert check(card_with("model-version: 2.5", f"model-version: {version}")) == []


def test_every_version_is_looked_at_although_the_name_is_missing(check, card_with):
    card = card_with("model-name: lite0\n", "", "model-version: 2.5", "model-version: x")
    assert [found.key for found in check(card, select="MC301")] == ["model-version"]


@pytest.mark.parametrize(("version", "number"), [("1.10", "1.1"), ("2.0", "2"), ("10.20", "10.2")])
def test_a_version_that_ends_in_zero_gets_quotes(check, card_with, version, number):
    (found,) = check(card_with("mindspore-version: 2.5", f"mindspore-version: {version}"))
    assert (found.code, found.key) == ("MC302", "mindspore-version")
    assert found.place == f"16:20-{20 + len(version)}"
    assert found.message == f"YAML readers take {version} for {number}; put it in quotes"
    assert found.fix == "safe: put it in quotes"
    assert found.changed == (f"mindspore-version: '{version}'\n",)


@pytest.mark.parametrize("version", ["'1.10'", '"1.10"', "1.1", "10", "1.1.0", "1.101"])
def test_other_versions_lose_nothing(check, card_with, version):
    card = card_with("mindspore-version: 2.5", f"mindspore-version: {version}")
    assert check(card, select="MC3") == []


@pytest.mark.parametrize("date", ["2025-02-30", "2025-13-01", "10.03.2025", "2025-3", "today"])
def test_what_is_no_day_is_no_date(check, card_with, date):
    (found,) = check(card_with("2025-03-10", date))
    assert (found.code, found.key, found.place) == (
        "MC303",
        "update-time",
        f"12:14-{14 + len(date)}",
    )
    assert found.message == f"{date} is no day of the calendar; write it as 2025-03-10"


def test_the_29th_of_february_is_a_day_in_leap_years(check, card_with):
    assert check(card_with("2025-03-10", "2024-02-29")) == []


@pytest.mark.parametrize("date", ["2025-3-10", "2025-03-9", "2025-3-9", "'2025-3-9'"])
def test_zeros_are_added_to_a_date(check, card_with, date):
    (found,) = check(card_with("2025-03-10", date))
    written = "2025-03-09" if date.strip("'").endswith("9") else "2025-03-10"
    assert (found.code, found.key, found.place) == (
        "MC304",
        "update-time",
        f"12:14-{14 + len(date)}",
    )
    assert found.message == f"{date.strip(chr(39))} lacks a zero; write {written}"
    assert found.fix == f"safe: write {written}"
    assert found.changed == (f"update-time: {written}\n",)


def test_a_date_on_a_line_of_its_own_keeps_the_next_line(check, card_with):
    (found,) = check(card_with("2025-03-10", "|\n  2025-3-10"))
    assert found.message == "2025-3-10 lacks a zero; write 2025-03-10"
    assert found.fixed == card_with()


def test_a_date_in_quotes_lacks_nothing(check, card_with):
    assert check(card_with("2025-03-10", "'2025-03-10'")) == []


def test_a_date_after_tomorrow_is_an_error(check, card_with):
    (found,) = check(card_with("2025-03-10", "2025-06-03"))
    assert (found.code, found.key, found.place) == ("MC305", "update-time", "12:14-24")
    assert found.message == "2025-06-03 is still to come; write the day of the last change"


@pytest.mark.parametrize("date", ["2025-06-01", "2025-06-02"])
def test_today_is_tomorrow_elsewhere(check, card_with, date):
    assert check(card_with("2025-03-10", date)) == []


def test_a_boolean_is_true_or_false(check, card_with):
    (found,) = check(card_with("fine-tunable: True", "fine-tunable: maybe"))
    assert (found.code, found.key, found.place) == ("MC306", "fine-tunable", "7:15-20")
    assert (found.message, found.fix) == ("maybe is neither True nor False", "")


def test_a_misspelt_boolean_can_be_mended(check, card_with):
    (found,) = check(card_with("author: Ada", "author: Ada\nallow-cache-ckpt: flase"), select="MC3")
    assert (found.code, found.key) == ("MC306", "allow-cache-ckpt")
    assert (found.fix, found.changed) == ("unsafe: write False", ("allow-cache-ckpt: False\n",))


@pytest.mark.parametrize("value", ["true", "FALSE", "no", "'True'"])
def test_booleans_may_be_written_in_any_case(check, card_with, value):
    assert check(card_with("fine-tunable: True", f"fine-tunable: {value}")) == []


def test_a_branch_that_moves_on_is_found_in_the_link(check, card_with):
    (found,) = check(card_with("tree/v1.0", "tree/master"))
    assert (found.code, found.key, found.place) == ("MC318", "repo-link", "13:47-53")
    assert (found.message, found.fix) == ("master moves on; link a tag or a commit", "")


def test_a_link_without_a_release_is_found(check, card_with):
    (found,) = check(card_with("/tree/v1.0/configs", ""))
    assert (found.code, found.place) == ("MC318", "13:12-42")
    assert found.message == "names no release; link a tag or a commit"


@pytest.mark.parametrize("ref", ["v1.0", "r1.10", "0123abc456", "2.3.1"])
def test_releases_and_commits_stay(check, card_with, ref):
    assert check(card_with("tree/v1.0", f"tree/{ref}")) == []


def test_the_links_of_further_repositories_are_looked_at(check, card_with):
    link = "vit-repo-link: <https://github.com/ada/vit/tree/main>"
    (found,) = check(card_with("author: Ada", f"author: Ada\n{link}"), select="MC3")
    assert (found.code, found.key, found.place) == ("MC318", "vit-repo-link", "12:49-53")


@pytest.mark.parametrize("link", ["ada/lite0", "<ftp://a.org/b>", "https://a b.org", "<https://>"])
def test_what_is_no_address_is_no_repository(check, card_with, link):
    card = card_with("<https://github.com/ada/lite0/tree/v1.0/configs>", link)
    (found,) = check(card, select="MC3")
    assert (found.code, found.key) == ("MC319", "repo-link")
    assert found.place == f"13:12-{12 + len(link)}"
    assert found.message == f"{link.strip('<>')} is no web address; write <https://…>"


def test_a_repository_of_any_host_will_do(check, card_with):
    assert check(card_with("github.com/ada/lite0/tree/v1.0/configs", "ada.example/code")) == []


def test_a_repository_is_linked_by_https(check, card_with):
    (found,) = check(card_with("https://github.com", "http://github.com"))
    assert (found.code, found.key, found.place) == ("MC320", "repo-link", "13:12-59")
    assert found.message == "leads through http; write https"
    assert found.fix == "unsafe: write https"
    assert "<https://github.com/ada" in found.changed[0]


def test_a_repository_on_this_machine_needs_no_https(check, card_with):
    link = "<http://localhost:3000/code>"
    assert check(card_with("<https://github.com/ada/lite0/tree/v1.0/configs>", link)) == []
