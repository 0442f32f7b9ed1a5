"""The model as CalculiX reads it: decks that ``ccx`` runs as they are."""
