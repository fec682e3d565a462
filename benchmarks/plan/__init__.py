"""The plan: every scenario with its subjects and its goals, for a size of run."""

from __future__ import annotations

from benchmarks.material import Material
from benchmarks.plan.compressed import plan_gzip
from benchmarks.plan.files import plan_files
from benchmarks.plan.live import plan_fairness, plan_fan_out
from benchmarks.plan.memory import plan_memory
from benchmarks.plan.rows import plan_first_byte, plan_rows, plan_small
from benchmarks.plan.scaling import plan_scaling
from benchmarks.plan.sizes import Sizes
from benchmarks.plan.uploads import plan_uploads
from benchmarks.scenario import Scenario


def plan_scenarios(material: Material, sizes: Sizes) -> list[Scenario]:
    """All scenarios, in the order in which they are run."""
    return [
        *plan_rows(material, sizes),
        *plan_files(material, sizes),
        *plan_gzip(material, sizes),
        *plan_uploads(material, sizes),
        plan_small(sizes),
        *plan_first_byte(sizes),
        plan_fan_out(sizes),
        plan_fairness(sizes),
        *plan_memory(sizes),
        *plan_scaling(material, sizes),
    ]
