"""Many designs of one case: which points there are, where they run, what came of them, what that says."""
