"""Results: what a run found, in which order of blame, and the pages that tell it."""
