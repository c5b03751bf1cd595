"""The part of Cloud Storage that reading weights needs: buckets that are local folders."""
