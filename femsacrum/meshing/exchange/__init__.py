"""What other programs read: ParaView (``vtk.py``), Gmsh (``msh.py``), CalculiX (``inp.py``), CAD (``cad.py``)."""
