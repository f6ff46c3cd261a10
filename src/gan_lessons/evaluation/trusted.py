"""All measures of trust of one candidate: figures for the table, and maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_lessons.metrics.trust import Consistency, Disagreement, FalseStructure, Linearity, Seams, Structure


@dataclass(frozen=True, eq=False)
class Trusted:
    """The results that could be had; None for one that wasn't asked for, or can't be measured."""

    consistency: Consistency | None = None
    structure: Structure | None = None
    overfit: Structure | None = None
    linearity: Linearity | None = None
    seams: Seams | None = None
    disagreement: Disagreement | None = None
    false_structure: FalseStructure | None = None

    def figures(self) -> dict[str, float]:
        """Return the table's columns; those of a measure that isn't there are absent."""
        row: dict[str, float] = {}
        if self.consistency:
            row |= {"rsp": self.consistency.rsp, "rse": self.consistency.rse}
        if found := self.structure:
            row |= {"invented": found.invented_count, "missing": found.missing_count, "improved": found.improved_count}
        if found := self.overfit:
            row |= {"overfitted": found.overfitted_share, "variance left": found.residual_variance}
        if line := self.linearity:
            row |= {"brightness slope": line.slope, "brightness r²": line.r_squared, "flux ratio": line.flux_ratio}
        if self.seams:
            row["seams"] = self.seams.z
        if self.disagreement:
            row["disagreement"] = self.disagreement.share
        if blank := self.false_structure:
            row |= {"false spots": blank.per_megapixel, "noise gain": blank.noise_gain}
        return row

    def maps(self) -> dict[str, np.ndarray]:
        """Return every map in float32, by the measure's name; of structure the evidence, in deviations."""
        results = {
            "consistency": self.consistency,
            "linearity": self.linearity,
            "seams": self.seams,
            "disagreement": self.disagreement,
        }
        found = {name: result.map.astype(np.float32) for name, result in results.items() if result is not None}
        return found if self.structure is None else {"structure": self.structure.z.astype(np.float32), **found}
