"""The chapters of the report: the fifteen headings of FDA 2016, and the annexes."""
