"""Links to repositories."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms.repository import Repository, read_repository
from hub.versions import Version

GITEE = "https://gitee.com/mindspore/models"


def read(url: str) -> tuple[str, ...]:
    """Host, owner, name, ref and folder of a link that names a repository."""
    repository = read_repository(url)
    assert repository is not None
    _, *rest = asdict(repository).values()
    return tuple(rest)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "github.com/mindspore-lab/mindcv/tree/v0.5.0/configs/vit",
            ("github.com", "mindspore-lab", "mindcv", "v0.5.0", "configs/vit"),
        ),
        (
            "gitee.com/mindspore/models/tree/r1.10/official/cv/resnet",
            ("gitee.com", "mindspore", "models", "r1.10", "official/cv/resnet"),
        ),
        (
            "gitee.com/mindspore/models/blob/r1.10/official/nlp/gru/README.md",
            ("gitee.com", "mindspore", "models", "r1.10", "official/nlp/gru"),
        ),
        (
            "github.com/mindspore-lab/mindcv/raw/main/README.md",
            ("github.com", "mindspore-lab", "mindcv", "main", None),
        ),
        (
            "github.com/a/b/releases/tag/v1.2",
            ("github.com", "a", "b", "v1.2", None),
        ),
        ("github.com/a/b/commit/0f1e2d3", ("github.com", "a", "b", "0f1e2d3", None)),
        (
            "raw.githubusercontent.com/a/b/v1.0/docs/x.md",
            ("raw.githubusercontent.com", "a", "b", "v1.0", "docs"),
        ),
        (
            "gitlab.com/group/sub/name/-/tree/v1.0/src",
            ("gitlab.com", "group/sub", "name", "v1.0", "src"),
        ),
        ("gitlab.com/group/sub/name", ("gitlab.com", "group/sub", "name", None, None)),
        (
            "gitlab.example.com:8443/group/name/blob/main/a/b.py",
            ("gitlab.example.com:8443", "group", "name", "main", "a"),
        ),
        ("atomgit.com/a/b/tree/r2.0", ("atomgit.com", "a", "b", "r2.0", None)),
        ("gitcode.com/a/b/-/tree/r2.0/c", ("gitcode.com", "a", "b", "r2.0", "c")),
        (
            "git.openi.org.cn/a/b/src/branch/master/c",
            ("git.openi.org.cn", "a", "b", "master", "c"),
        ),
        ("huggingface.co/a/b/tree/main", ("huggingface.co", "a", "b", "main", None)),
        (
            "huggingface.co/datasets/a/b/resolve/v1.0/x/y.bin",
            ("huggingface.co", "a", "b", "v1.0", "x"),
        ),
        ("modelscope.cn/models/a/b/files", ("modelscope.cn", "a", "b", None, None)),
        (
            "modelscope.cn/models/a/b/file/view/master/c/d.py",
            ("modelscope.cn", "a", "b", "master", "c"),
        ),
    ],
)
def test_the_links_of_each_host_are_read(url: str, expected: tuple[str | None, ...]) -> None:
    assert read(f"https://{url}") == expected


@pytest.mark.parametrize(
    "url",
    [
        GITEE,
        f"<{GITEE}>",
        f" < {GITEE} > ",
        f"{GITEE}/",
        f"{GITEE}.git",
        f"{GITEE}?from=hub",
        f"{GITEE}#readme",
        f"{GITEE}?tab=a#readme",
        f"{GITEE}/tree",
        f"{GITEE}/issues/12",
        "http://gitee.com/mindspore/models",
        "HTTPS://WWW.Gitee.com/mindspore/models",
    ],
)
def test_what_surrounds_a_link_does_not_count(url: str) -> None:
    assert read(url) == ("gitee.com", "mindspore", "models", None, None)


def test_the_link_is_kept_without_brackets_query_and_fragment() -> None:
    repository = read_repository(f"<{GITEE}/tree/r1.10/a?x=1#y>")
    assert repository is not None
    assert repository.url == f"{GITEE}/tree/r1.10/a"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "<>",
        "-",
        "mindspore/models",
        "gitee.com/mindspore/models",
        "git@github.com:a/b.git",
        "ssh://git@github.com/a/b",
        "ftp://github.com/a/b",
        "https://github.com",
        "https://github.com/a",
        "https://github.com/a/.git",
        "https://github.com/../b",
        "https://github.com/a/b c",
        "https://github.com/topics/mindspore",
        "https://gitlab.com/-/tree/main",
        "https://gitlab.com/name/-/tree/main",
        "https://huggingface.co/bert",
        "https://modelscope.cn/models/a",
        "https://user@github.com/a/b",
        "https://github.com.evil.example/a/b",
        "https://www.mindspore.cn/hub/a/b",
        "https://[::1/a/b",
        "https://github.com/a/b/" + 3000 * "c",
    ],
)
def test_what_names_no_repository_is_none(url: str) -> None:
    assert read_repository(url) is None


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("v0.4.0", (0, 4, 0)),
        ("r1.10", (1, 10)),
        ("2.3", (2, 3)),
        ("R2.0", (2, 0)),
        ("release-1.2", (1, 2)),
        ("r2.0-alpha", (2, 0)),
        ("v1.0.0rc1", (1, 0, 0)),
        ("v1.0.0-beta.2", (1, 0, 0)),
    ],
)
def test_a_release_is_pinned_and_names_its_version(ref: str, version: tuple[int, ...]) -> None:
    repository = read_repository(f"{GITEE}/tree/{ref}/a")
    assert repository is not None
    assert repository.pinned
    assert repository.release == Version(version)


@pytest.mark.parametrize("ref", ["0f1e2d3", 40 * "a", 4 * "0123456789", "2024.01"])
def test_a_commit_and_a_date_are_pinned_and_name_no_version(ref: str) -> None:
    repository = read_repository(f"{GITEE}/tree/{ref}")
    assert repository is not None
    assert repository.pinned
    assert repository.release is None


@pytest.mark.parametrize(
    "ref", ["master", "main", "develop", "dev", "defaced", "2", "v2", "r1.x", "0.5.x", "1.2-fix"]
)
def test_a_branch_that_moves_is_not_pinned(ref: str) -> None:
    repository = read_repository(f"{GITEE}/tree/{ref}")
    assert repository is not None
    assert repository.ref == ref
    assert not repository.pinned
    assert repository.release is None


def test_no_ref_is_not_pinned() -> None:
    repository = read_repository(GITEE)
    assert repository is not None
    assert not repository.pinned
    assert repository.release is None


LINKS = st.from_regex(
    r"https?://(github\.com|gitlab\.com|(www\.)?modelscope\.cn)"
    r"(/|/-|/a|/b|/tree|/blob|/src|/file|/view|/models|/commit|/releases|/v1\.0|\.git|<){0,9}",
    fullmatch=True,
)


@given(st.text() | LINKS)
def test_any_text_reads_without_an_error_and_names_are_not_empty(text: str) -> None:
    repository = read_repository(text)
    if repository is not None:
        assert repository.owner
        assert repository.name
        assert isinstance(repository.pinned, bool)
        assert repository.release is None or repository.pinned


@pytest.mark.parametrize("unit", ["<", " ", "/", "a/", "-", "?", "#", "https://", "1.", "0"])
def test_a_long_text_is_read_in_linear_time(unit: str) -> None:
    text = 200_000 * unit  # a minute or more in quadratic time
    assert read_repository(text) is None
    place = Repository("", "", "", "", text, None)
    assert not place.pinned
