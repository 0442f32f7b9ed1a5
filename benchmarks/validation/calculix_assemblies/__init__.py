"""Three whole assemblies of ours solved by CalculiX."""
