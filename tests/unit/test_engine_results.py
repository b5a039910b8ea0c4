"""Which failures are the engine's own, and whom they are laid to."""

from __future__ import annotations

from warehouse.engine.results import Attempt, EngineFault, NodeResult, names_done


def ended(name: str, status: str, message: str = "") -> NodeResult:
    return NodeResult(f"model.yibao.{name}", name, "model", "main", status, message)


def attempt(*results: NodeResult, **options: object) -> Attempt:
    return Attempt({each.unique_id: each for each in results}, **options)  # type: ignore[arg-type]


INVALIDATED = "FATAL Error: Failed: database has been invalidated because of a previous fatal error."


def test_the_node_that_failed_first_is_to_blame_and_not_those_that_met_what_it_left() -> None:
    found = attempt(
        ended("good", "success"),
        ended("guilty", "error", "Runtime Error in model guilty\n  INTERNAL Error: dict-surviving cache"),
        ended("beside", "error", f"Runtime Error in model beside\n  {INVALIDATED}"),
        ended("after", "skipped"),
    )
    assert found.faults() == [EngineFault("guilty", "INTERNAL Error")]
    assert found.broken() == []
    assert names_done(found.results.values()) == ["good"]


def test_where_nobody_tells_of_the_first_error_all_are_to_blame() -> None:
    found = attempt(ended("one", "error", INVALIDATED), ended("two", "error", INVALIDATED))
    assert [each.node for each in found.faults()] == ["one", "two"]


def test_a_crash_is_laid_to_what_was_running() -> None:
    found = attempt(ended("good", "success"), running={"model.yibao.x": "x"}, crash="SIGSEGV")
    assert found.faults() == [EngineFault("x", "SIGSEGV")]


def test_a_wrong_query_a_full_disk_and_a_damaged_file_are_no_faults_of_the_engine() -> None:
    wrong = attempt(ended("x", "error", "Binder Error: column not found"), ended("y", "fail", "3 results"))
    assert wrong.faults() == []
    assert [each.name for each in wrong.broken()] == ["x", "y"]
    full = attempt(
        ended("x", "error", "FATAL Error: Failed to write: No space left on device"),
        ended("y", "error", INVALIDATED),
    )
    assert full.faults() == []
    damaged = attempt(ended("x", "error", "INTERNAL Error: block with stored checksum 1 does not match"))
    assert damaged.faults() == []


def test_a_kind_never_quotes_what_the_engine_said() -> None:
    (fault,) = attempt(ended("x", "error", "INTERNAL Error: cannot cast 张三")).faults()
    assert fault.kind == "INTERNAL Error"
