"""The only room that knows FEniCSx: elastic bodies joined by interfaces."""

import contextlib

with contextlib.suppress(ImportError):  # wheels put MPI and PETSc inside a package that must be imported first
    import dolfinx_solver  # noqa: F401
