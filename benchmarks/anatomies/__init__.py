"""From the files a clinic has to checked meshes with materials, nothing touched by hand."""
