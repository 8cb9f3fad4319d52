"""A check turns whatever is broken into a result."""

import threading

from hub.diagnosis.check import Check, run_check, run_checks
from hub.errors import CacheError


def test_an_error_of_ours_is_a_result_in_its_own_words() -> None:
    def look() -> list[Check]:
        raise CacheError("the cache is on the moon")

    (check,) = run_check("cache", look)
    assert check == Check(
        "cache", "failed", "the cache is on the moon", "mend what the message names"
    )


def test_a_mistake_of_ours_is_a_result_too() -> None:
    (check,) = run_check("numbers", lambda: [Check("numbers", "ok", str(1 // 0))])
    assert (check.status, check.name) == ("failed", "numbers")
    assert "ZeroDivisionError" in check.found
    assert check.advice == "report this line as a bug of mshub"


def test_no_result_shows_a_login_or_a_query() -> None:
    found = Check("host", "failed", "no answer from https://ada:secret@a.org/b?key=secret", "")
    (check,) = run_check("host", lambda: [found])
    assert check.found == "no answer from https://***@a.org/b?***"


def test_a_check_that_hangs_is_left_behind_and_the_others_keep_their_order() -> None:
    release = threading.Event()

    def hang() -> list[Check]:
        release.wait(30)
        return []

    quick = [Check("quick", "ok", "here")]
    checks = run_checks([("slow", hang), ("quick", lambda: quick), ("none", list)], limit=0.2)
    release.set()
    assert [check.name for check in checks] == ["slow", "quick"]
    assert checks[0].status == "failed"
    assert checks[0].found == "this could not be looked at within 0.2 s"
