"""Ids, ownership labels, and marks that were lost."""
