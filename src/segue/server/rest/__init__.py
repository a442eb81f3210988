"""The REST API under ``/api``: one router a subject, each a thin way from request to operation to record."""
