"""Plans on the bones of different people: from files to a converged standing case, nothing touched by hand."""
