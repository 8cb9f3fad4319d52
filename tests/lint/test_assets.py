"""Rules about assets: their keys, links and digests."""

import pytest

from hub.lint.vocabulary import Vocabulary

FULL = "ab" * 32
ASSET = f"""\
asset:
- file-format: ckpt
  asset-link: <https://example.org/lite0.ckpt>
  asset-sha256: {FULL}
"""
LINK = "<https://example.org/lite0.ckpt>"


@pytest.mark.parametrize(
    ("asset", "place"), [("", "3:1-4"), ("asset:\n", "17:1-6"), ("asset: []\n", "17:1-6")]
)
def test_a_card_without_files_is_found(check, card_with, asset, place):
    (found,) = check(card_with(ASSET, asset))
    assert (found.code, found.key, found.place) == ("MC401", "asset", place)
    assert found.message == "lists no file, so there is nothing to download"


def test_a_second_link_makes_a_second_asset(check, card_with):
    card = card_with(LINK, f"{LINK}\n  asset-link: <https://example.org/b.ckpt>")
    (found,) = check(card)
    assert (found.code, found.key, found.place) == ("MC402", "asset[0].asset-link", "20:3-13")
    assert found.message == "stands in line 19 already; a second file is an asset of its own"
    assert found.fix == "unsafe: make it an asset of its own"
    assert found.fixed == card_with(
        LINK, f"{LINK}\n- file-format: ckpt\n  asset-link: <https://example.org/b.ckpt>"
    )


def test_a_second_asset_below_a_dash_alone_is_indented_like_the_first(check, card_with):
    first = "-\n    file-format: ckpt\n    asset-link: <https://a.org/a.ckpt>\n"
    second = "    file-format: onnx\n    asset-link: <https://a.org/b.onnx>\n"
    digest = f"    asset-sha256: {FULL}\n"
    (found,) = check(card_with(ASSET, f"asset:\n{first}{digest}{second}{digest}"))
    assert (found.code, found.place) == ("MC402", "22:5-16")
    assert found.fixed == card_with(
        ASSET, f"asset:\n{first}{digest}{second.replace('    ', '-   ', 1)}{digest}"
    )


def test_a_second_digest_makes_no_second_asset(check, card_with):
    card = card_with(FULL, f"{FULL}\n  asset-sha256: {'cd' * 32}")
    (found,) = check(card)
    assert (found.code, found.place, found.fix) == ("MC402", "21:3-15", "")


@pytest.mark.parametrize("key", ["file-format", "asset-link", "asset-sha256"])
def test_a_missing_line_is_reported_where_the_asset_begins(check, card_with, key):
    lines = {
        "file-format": "ckpt",
        "asset-link": LINK,
        "asset-sha256": FULL,
    }
    del lines[key]
    asset = "\n  ".join(f"{name}: {value}" for name, value in lines.items())
    (found,) = check(card_with(ASSET, f"asset:\n- {asset}\n"))
    first = next(iter(lines))
    assert (found.code, found.key) == ("MC403", f"asset[0].{key}")
    assert (found.place, found.message) == (f"18:3-{3 + len(first)}", "is missing")


def test_a_misspelt_key_of_an_asset_can_be_renamed(check, card_with):
    (found,) = check(card_with("asset-sha256", "asset_sha256"))
    assert (found.code, found.key, found.place) == ("MC403", "asset[0].asset-sha256", "20:3-15")
    assert found.message == "is missing; asset_sha256 looks like it"
    assert found.fix == "unsafe: rename asset_sha256 to asset-sha256"
    assert found.changed == (f"  asset-sha256: {FULL}\n",)


def test_an_empty_line_of_an_asset_is_reported_at_its_key(check, card_with):
    (found,) = check(card_with(f"asset-sha256: {FULL}", "asset-sha256:"))
    assert (found.code, found.key, found.place) == ("MC403", "asset[0].asset-sha256", "20:3-15")
    assert found.message == "has no line of text; state it"


def test_every_asset_is_looked_at(check, card_with):
    second = f"- file-format: onnx\n  asset-link: {LINK}\n"
    (found,) = check(card_with(ASSET, ASSET + second))
    assert (found.code, found.key) == ("MC403", "asset[1].asset-sha256")


def test_an_unknown_format_is_an_error(check, card_with):
    (found,) = check(card_with("format: ckpt", "format: tar"))
    assert (found.code, found.key, found.place) == ("MC405", "asset[0].file-format", "18:16-19")
    assert found.message == (
        "tar is no known format; write one of ckpt, safetensors, mindir, mslite, air, onnx"
    )
    assert found.fix == ""


def test_a_misspelt_format_can_be_mended(check, card_with):
    (found,) = check(card_with("format: ckpt", "format: cpkt"))
    assert found.fix == "unsafe: write ckpt"
    assert found.changed == ("- file-format: ckpt\n",)


@pytest.mark.parametrize("file_format", ["CKPT", "MindIR", "safetensors"])
def test_formats_may_be_written_in_any_case(check, card_with, file_format):
    assert check(card_with("format: ckpt", f"format: {file_format}")) == []


def test_formats_of_the_project_are_known(check, card_with):
    known = Vocabulary(file_formats=frozenset({"tar"}))
    assert check(card_with("format: ckpt", "format: tar"), vocabulary=known) == []


def test_a_file_is_downloaded_by_https(check, card_with):
    (found,) = check(card_with("https://example.org/", "HTTP://example.org/"))
    assert (found.code, found.key, found.place) == ("MC406", "asset[0].asset-link", "19:15-46")
    assert found.message == "leads through http; write https"
    assert found.fix == "unsafe: write https"
    assert found.changed == (f"  asset-link: {LINK}\n",)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
def test_this_machine_needs_no_https(check, card_with, host):
    assert check(card_with("https://example.org/", f"http://{host}/")) == []


@pytest.mark.parametrize("host", ["localhost.example.org", "127.0.0.1.example.org"])
def test_a_name_that_only_looks_like_this_machine_needs_https(check, card_with, host):
    (found,) = check(card_with("https://example.org/", f"http://{host}/"))
    assert found.code == "MC406"


@pytest.mark.parametrize("digest", ["none", "abcdefg0", "abcdef0", "ab" * 33])
def test_what_is_no_sha256_is_an_error(check, card_with, digest):
    (found,) = check(card_with(FULL, digest), select="MC4")
    shown = digest if len(digest) <= 40 else f"{digest[:39]}…"
    assert (found.code, found.key) == ("MC407", "asset[0].asset-sha256")
    assert found.place == f"20:17-{17 + len(digest)}"
    assert found.message == f"{shown} is no SHA-256; write its 64 hexadecimal digits"
    assert found.fix == ""


def test_a_digest_is_written_in_small_letters(check, card_with):
    (found,) = check(card_with(FULL, FULL.upper()))
    assert found.code == "MC407"
    assert found.message == f"{FULL.upper()[:39]}… has capital letters; write {FULL[:39]}…"
    assert found.fix == "safe: write small letters"
    assert found.changed == (f"  asset-sha256: {FULL}\n",)


def test_small_letters_do_not_make_a_number_of_a_digest(check, card_with):
    found = check(card_with(FULL, "'0E737186'"), select="MC407")
    assert found[0].changed == ("  asset-sha256: '0e737186'\n",)


@pytest.mark.parametrize(("digest", "bits"), [("abcdef01", 32), ("ab" * 16, 128)])
def test_a_short_digest_is_told_what_it_is_worth(check, card_with, digest, bits):
    (found,) = check(card_with(FULL, digest))
    assert (found.code, found.key) == ("MC408", "asset[0].asset-sha256")
    assert found.place == f"20:17-{17 + len(digest)}"
    assert found.message == (
        f"{digest} is a prefix of {bits} bits: it finds a broken file, not a forged one, and the "
        "official loader refuses it; state all 64 digits"
    )
    assert found.fix == ""


@pytest.mark.parametrize("digest", ["0e737186", "01234567", "12345678", "1234e56789"])
def test_a_digest_that_is_a_number_gets_quotes(check, card_with, digest):
    (found,) = check(card_with(FULL, digest), select="MC409")
    assert (found.key, found.place) == ("asset[0].asset-sha256", f"20:17-{17 + len(digest)}")
    assert found.message == f"YAML readers take {digest} for a number; put it in quotes"
    assert found.fix == "safe: put it in quotes"
    assert found.changed == (f"  asset-sha256: '{digest}'\n",)


@pytest.mark.parametrize("digest", ["'0e737186'", "0e7e7186", "a1234567", "1234567e"])
def test_other_digests_are_text_to_everybody(check, card_with, digest):
    assert check(card_with(FULL, digest), select="MC409") == []


def test_a_bare_link_is_wrapped(check, card_with):
    (found,) = check(card_with(LINK, LINK.strip("<>")))
    assert (found.code, found.key, found.place) == ("MC410", "asset[0].asset-link", "19:15-45")
    assert found.message == "is a bare link; put it in <…>"
    assert found.fix == "safe: put it in <…>"
    assert found.changed == (f"  asset-link: {LINK}\n",)


def test_a_bare_link_to_a_repository_is_wrapped(check, card_with):
    card = card_with("<https://github.com/ada/lite0/tree/v1.0/configs>", "'https://a.org/lite0'")
    (found,) = check(card)
    assert (found.code, found.key, found.place) == ("MC410", "repo-link", "13:12-33")
    assert found.changed == ("repo-link: <https://a.org/lite0>\n",)


@pytest.mark.parametrize(
    "link", ["lite0.ckpt", "<https://a b.org/c>", "<https://example.org>", "<file:///a.ckpt>"]
)
def test_what_is_no_address_of_a_file_is_an_error(check, card_with, link):
    (found,) = check(card_with(LINK, link), select=("MC406", "MC411"))
    assert (found.code, found.key) == ("MC411", "asset[0].asset-link")
    assert found.place == f"19:15-{15 + len(link)}"
    assert found.message == f"{link.strip('<>')} is no address of a file; write <https://host/file>"


@pytest.mark.parametrize(
    ("asset", "place"),
    [(f" {LINK}", "17:8-40"), ("\n  file-format: ckpt", "18:3-20")],
    ids=["text", "keys"],
)
def test_assets_are_a_list(check, card_with, asset, place):
    (found,) = check(card_with(ASSET, f"asset:{asset}\n"), select="MC4")
    assert (found.code, found.key) == ("MC413", "asset")
    assert found.message == "is no list; begin each file with '- '"
    assert found.place.startswith(place.partition("-")[0])


def test_an_item_that_is_only_a_link_is_no_asset(check, card_with):
    (found,) = check(card_with(ASSET, f"asset:\n- {LINK}\n"))
    assert (found.code, found.key, found.place) == ("MC413", "asset[0]", "18:3-35")
    assert found.message == (
        "is no file; write file-format, asset-link and asset-sha256 below the '-'"
    )


@pytest.mark.parametrize("heading", ["## assets", "# asset"])
def test_a_heading_over_the_assets_becomes_their_key(check, card_with, heading):
    (found,) = check(card_with("\nasset:", f"\n{heading}"))
    assert (found.code, found.key, found.place) == ("MC414", "asset", f"17:1-{1 + len(heading)}")
    assert found.message == f"{heading} is a comment to YAML; write asset:"
    assert (found.fix, found.changed) == ("safe: write asset:", ("asset:\n",))
