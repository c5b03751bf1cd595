"""One request on its way: routing, fields, paging."""
