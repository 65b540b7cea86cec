"""Whether a stored signature can be one of its text, without knowing what recurred when it was made.

A MinHash value is the least permuted hash of some of the text's shingles. Which ones were informative at the
time is forgotten; but every value has to come from one of them, and a value with a flipped bit does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup.arrays import U32
from dedup.knowledge import Knowledge
from dedup.params import DEFAULT, Params
from dedup.reading import Document, read
from dedup.shingles import Shingles
from dedup.signature import signatures


def implausible(
    documents: Sequence[Document],
    texts: Sequence[bytes | None],
    stored_headlines: Sequence[bytes | None],
    compare: Sequence[bool],
    *,
    seed: int,
    params: Params = DEFAULT,
) -> list[int]:
    """Return the numbers of documents whose stored signatures cannot be theirs.

    ``texts`` and ``stored_headlines`` are the blobs of ``Sketches.blobs``. Where ``compare`` is false, as for a
    text that is no longer stored, only their lengths are looked at.
    """
    # Without knowing what recurs no word is left out, so these hold all that a signature can be made of.
    made = read(documents, k=params.k, seed=seed)
    permuted = Knowledge(seed=seed).minhash_seed
    wrong = set()
    for blobs, sets, num_perm in (
        (texts, made.text, params.num_perm),
        (stored_headlines, made.stems, params.headline_num_perm),
    ):
        whole = signatures(sets, num_perm=num_perm, seed=permuted)
        for i, blob in enumerate(blobs):
            if blob is None:
                continue
            found = np.frombuffer(blob, dtype="<u4") if len(blob) == 4 * num_perm else None
            if found is None or (
                compare[i]
                and not np.array_equal(found, whole[i])  # nothing recurred
                and not _made_of(found, sets.of(i), permuted)
            ):
                wrong.add(i)
    return sorted(wrong)


def _made_of(signature: U32, values: U32, seed: int) -> bool:
    """Tell whether each value of a signature is that of one of the shingles."""
    singles = Shingles(values=values, offsets=np.arange(len(values) + 1, dtype=np.int64))
    found = signatures(singles, num_perm=len(signature), seed=seed) == signature
    return bool(found.any(axis=0).all())
