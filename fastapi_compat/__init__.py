"""The contract as FastAPI path operations: what a good engineer of FastAPI would write."""
