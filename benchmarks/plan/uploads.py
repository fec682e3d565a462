"""The scenarios of uploads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import subjects as known
from benchmarks.loads.upload import Upload
from benchmarks.material import MIB, Material
from benchmarks.plan.figures import BYTES
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Entry, Goal, Scenario, enter


def plan_uploads(material: Material, sizes: Sizes) -> Iterator[Scenario]:
    """A large file by PUT, and as the file of a form."""
    upload = partial(
        Upload,
        material.files / sizes.file,
        partial(material.find_file, sizes.file),
        material.files / "check.bin",
        partial(material.find_file, "check.bin"),
    )
    size = material.find_file(sizes.file).size // MIB
    limit, idiom = known.UPLOADS_LIMIT, known.UPLOAD_FILE
    goals = (Goal("rate", 3, (idiom.name,)), Goal("rate", 0.8, (limit.name,)))
    yield Scenario(
        "upload-put",
        f"a file of {size} MiB by PUT, hashed and durable (UploadFile: the same as a form)",
        ("uploads",),
        (
            *enter(
                [*known.PLAIN, known.REQUEST_STREAM, *known.PEERS, limit, known.CLIENT],
                upload("put"),
            ),
            Entry(idiom, upload("form"), idiom.name),
        ),
        (BYTES,),
        goals,
        rounds=sizes.few_rounds,
    )
    yield Scenario(
        "upload-form",
        f"a file of {size} MiB as multipart/form-data, hashed and durable",
        ("uploads",),
        enter([*known.PLAIN, idiom, limit, known.CLIENT], upload("form")),
        (BYTES,),
        goals,
        rounds=sizes.few_rounds,
    )
